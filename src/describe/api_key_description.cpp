// SPDX-License-Identifier: Apache-2.0
#include "nexpo/api_key.hpp"

namespace nexpo::inline v1 {

namespace {

constexpr char const* kScopes = "The permissions it has.";
constexpr char const* kHint = "The last four characters of the secret.";
constexpr char const* kCreatedBy = "A user, or `system`.";
constexpr char const* kOldSecret = "Until when the secret before the rotation works.";

}  // namespace

StructType describe(Type<ApiKey>) {
    return structure<ApiKey>(
        "ApiKey", field("id", &ApiKey::id).id("key"), field("organization_id", &ApiKey::organization_id).id("org"),
        field("name", &ApiKey::name).doc("What it is for."), field("scopes", &ApiKey::scopes).doc(kScopes),
        field("hint", &ApiKey::hint).doc(kHint), field("created_by", &ApiKey::created_by).doc(kCreatedBy),
        field("created_at", &ApiKey::created_at), field("expires_at", &ApiKey::expires_at).doc("Absent: never."),
        field("last_used_at", &ApiKey::last_used_at).doc("To about ten minutes."),
        field("old_secret_expires_at", &ApiKey::old_secret_expires_at).doc(kOldSecret),
        field("version", &ApiKey::version).doc("The record's ETag."));
}

StructType describe(Type<CreateApiKey>) {
    return structure<CreateApiKey>(
        "CreateApiKey", field("name", &CreateApiKey::name).required().max(200).format(Format::line),
        field("scopes", &CreateApiKey::scopes)
            .required()
            .min(1)
            .max(100)
            .doc("Permissions that the caller has too, for example `users:read`. Refused: words that "
                 "nothing asks for (`scope_unknown`), and `api_keys:write`, `roles:write`, "
                 "`owners:write`, `billing:write`, `organizations:remove` "
                 "(`scope_not_grantable`)."),
        field("expires_at", &CreateApiKey::expires_at).doc("Absent: never."));
}

StructType describe(Type<NewApiKey>) {
    return structure<NewApiKey>(
        "NewApiKey", field("id", &NewApiKey::id).id("key"),
        field("organization_id", &NewApiKey::organization_id).id("org"),
        field("name", &NewApiKey::name).doc("What it is for."), field("scopes", &NewApiKey::scopes).doc(kScopes),
        field("hint", &NewApiKey::hint).doc(kHint), field("created_by", &NewApiKey::created_by).doc(kCreatedBy),
        field("created_at", &NewApiKey::created_at), field("expires_at", &NewApiKey::expires_at).doc("Absent: never."),
        field("last_used_at", &NewApiKey::last_used_at).doc("To about ten minutes."),
        field("old_secret_expires_at", &NewApiKey::old_secret_expires_at).doc(kOldSecret),
        field("version", &NewApiKey::version).doc("The record's ETag."),
        field("secret", &NewApiKey::secret).secret().doc("Shown this once. Send it as `Authorization: Bearer`."));
}

StructType describe(Type<GetApiKey>) {
    return structure<GetApiKey>("GetApiKey", field("id", &GetApiKey::id).required().max(64));
}

StructType describe(Type<ListApiKeys>) {
    return structure<ListApiKeys>("ListApiKeys", field("limit", &ListApiKeys::limit).min(1).max(kMaxPageLimit),
                                  field("cursor", &ListApiKeys::cursor).max(1024).doc("`next` of the page before."));
}

StructType describe(Type<RotateApiKey>) {
    return structure<RotateApiKey>("RotateApiKey", field("id", &RotateApiKey::id).required().max(64),
                                   field("old_valid_seconds", &RotateApiKey::old_valid_seconds)
                                       .min(0)
                                       .max(2'592'000)
                                       .doc("How long the old secret goes on working."));
}

StructType describe(Type<RemoveApiKey>) {
    return structure<RemoveApiKey>("RemoveApiKey", field("id", &RemoveApiKey::id).required().max(64));
}

StructType describe(Type<ApiKeyEvent>) {
    return structure<ApiKeyEvent>("ApiKeyEvent", field("api_key_id", &ApiKeyEvent::api_key_id).id("key"),
                                  field("name", &ApiKeyEvent::name));
}

}  // namespace nexpo::inline v1
