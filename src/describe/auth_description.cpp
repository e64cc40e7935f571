// SPDX-License-Identifier: Apache-2.0
#include "nexpo/auth.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<SignUp>) {
    return structure<SignUp>("SignUp", field("email", &SignUp::email).required().max(254).format(Format::email),
                             field("password", &SignUp::password).required().min(8).max(1024).secret(),
                             field("name", &SignUp::name).max(200).format(Format::line),
                             field("organization", &SignUp::organization)
                                 .min(1)
                                 .max(200)
                                 .format(Format::line)
                                 .doc("Name of the new organization; made up when absent."));
}

StructType describe(Type<Login>) {
    return structure<Login>(
        "Login", field("email", &Login::email).required().max(254),
        field("password", &Login::password).required().max(1024).secret(),
        field("organization", &Login::organization).max(64).doc("Slug or id; the oldest membership when absent."));
}

StructType describe(Type<RefreshTokens>) {
    return structure<RefreshTokens>("RefreshTokens",
                                    field("refresh_token", &RefreshTokens::refresh_token).required().max(512).secret());
}

StructType describe(Type<Logout>) {
    return structure<Logout>("Logout");
}

StructType describe(Type<ValidateToken>) {
    return structure<ValidateToken>("ValidateToken",
                                    field("access_token", &ValidateToken::access_token).required().max(8192).secret());
}

StructType describe(Type<Tokens>) {
    return structure<Tokens>(
        "Tokens", field("access_token", &Tokens::access_token).secret().doc("Send it as `Authorization: Bearer`."),
        field("refresh_token", &Tokens::refresh_token).secret().doc("Exchange it once for new tokens."),
        field("token_type", &Tokens::token_type).doc("Always `Bearer`."),
        field("expires_in", &Tokens::expires_in).doc("Life of the access token in seconds."),
        field("user_id", &Tokens::user_id).id("usr"), field("organization_id", &Tokens::organization_id).id("org"));
}

StructType describe(Type<TokenInfo>) {
    return structure<TokenInfo>(
        "TokenInfo", field("active", &TokenInfo::active).doc("Genuine, in time, and its session not ended."),
        field("token_type", &TokenInfo::token_type), field("iss", &TokenInfo::iss),
        field("sub", &TokenInfo::sub).doc("The account."), field("iat", &TokenInfo::iat), field("exp", &TokenInfo::exp),
        field("user_id", &TokenInfo::user_id), field("organization_id", &TokenInfo::organization_id),
        field("session_id", &TokenInfo::session_id), field("role", &TokenInfo::role).doc("The role at this moment."));
}

StructType describe(Type<GetKeys>) {
    return structure<GetKeys>("GetKeys");
}

StructType describe(Type<JsonWebKey>) {
    return structure<JsonWebKey>("JsonWebKey", field("kty", &JsonWebKey::kty), field("crv", &JsonWebKey::crv),
                                 field("x", &JsonWebKey::x), field("y", &JsonWebKey::y), field("use", &JsonWebKey::use),
                                 field("alg", &JsonWebKey::alg), field("kid", &JsonWebKey::kid));
}

StructType describe(Type<JsonWebKeySet>) {
    return structure<JsonWebKeySet>("JsonWebKeySet", field("keys", &JsonWebKeySet::keys));
}

StructType describe(Type<RotateKeys>) {
    return structure<RotateKeys>("RotateKeys",
                                 field("revoke", &RotateKeys::revoke)
                                     .doc("The old keys have leaked: the new one signs at once, and tokens that the "
                                          "old ones signed are refused."));
}

StructType describe(Type<RotatedKeys>) {
    return structure<RotatedKeys>("RotatedKeys", field("kid", &RotatedKeys::kid),
                                  field("active_at", &RotatedKeys::active_at).doc("It signs from then on."));
}

}  // namespace nexpo::inline v1
