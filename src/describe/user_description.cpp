// SPDX-License-Identifier: Apache-2.0
#include "nexpo/user.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<User>) {
    return structure<User>(
        "User", field("id", &User::id).id("usr"), field("organization_id", &User::organization_id).id("org"),
        field("email", &User::email).format(Format::email).doc("In lower case; unique in the organization."),
        field("name", &User::name).doc("What to call them; may be empty."),
        field("role", &User::role).doc("What they may do."), field("created_at", &User::created_at),
        field("updated_at", &User::updated_at), field("version", &User::version).doc("The record's ETag."));
}

StructType describe(Type<CreateUser>) {
    return structure<CreateUser>(
        "CreateUser", field("email", &CreateUser::email).required().max(254).format(Format::email),
        field("name", &CreateUser::name).max(200).format(Format::line),
        field("role", &CreateUser::role).doc("Only owners make owners."),
        field("password", &CreateUser::password)
            .min(8)
            .max(1024)
            .secret()
            .doc("Used only when nobody has an account with this address. Takes the permission `accounts:write`."));
}

StructType describe(Type<GetUser>) {
    return structure<GetUser>("GetUser", field("id", &GetUser::id).required().max(64));
}

StructType describe(Type<ListUsers>) {
    return structure<ListUsers>("ListUsers", field("limit", &ListUsers::limit).min(1).max(kMaxPageLimit),
                                field("cursor", &ListUsers::cursor).max(1024).doc("`next` of the page before."),
                                field("role", &ListUsers::role).doc("Only users with this role."));
}

StructType describe(Type<UpdateUser>) {
    return structure<UpdateUser>("UpdateUser", field("id", &UpdateUser::id).required().max(64),
                                 field("name", &UpdateUser::name).max(200).format(Format::line).doc("Null empties it."),
                                 field("role", &UpdateUser::role).required().doc("Only owners make or change owners."));
}

StructType describe(Type<RemoveUser>) {
    return structure<RemoveUser>("RemoveUser", field("id", &RemoveUser::id).required().max(64));
}

StructType describe(Type<GetMe>) {
    return structure<GetMe>("GetMe");
}

StructType describe(Type<UserEvent>) {
    return structure<UserEvent>("UserEvent", field("user_id", &UserEvent::user_id).id("usr"),
                                field("email", &UserEvent::email), field("role", &UserEvent::role));
}

StructType describe(Type<Bootstrap>) {
    return structure<Bootstrap>("Bootstrap",
                                field("email", &Bootstrap::email).required().max(254).format(Format::email),
                                field("password", &Bootstrap::password).required().min(8).max(1024).secret(),
                                field("name", &Bootstrap::name).max(200).format(Format::line));
}

StructType describe(Type<BootstrapResult>) {
    return structure<BootstrapResult>("BootstrapResult",
                                      field("organization_id", &BootstrapResult::organization_id).id("org"),
                                      field("owner_created", &BootstrapResult::owner_created));
}

}  // namespace nexpo::inline v1
