// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"

namespace nexpo::fuzz {

/// Keys that guard nothing but this folder's corpora; fixed, so that the tokens in those can be genuine.
struct TokenKeys {
    static constexpr std::string_view kPrivateKey =
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5ANMBNqYFuuYte4KyxKj3e1Ym3MhIn_qNfjndoqqxHahRANCAAT4"
        "Ir0ehwLp317Kkian4GElAG9MzjRzJSx18C5sD7yjRdpHzTo98VKA-mbT1kP51DG0Iis8jl8R_9st0TzR3gAe";
    static constexpr std::string_view kSecret = "a shared secret for nothing but tests";

    crypto::SigningKey es256 =
        crypto::SigningKey::from_private_der(base::base64url_decode(kPrivateKey).value(), crypto::JwsAlgorithm::es256)
            .value();
    crypto::SigningKey hs256 = crypto::SigningKey::hs256(Secret(std::string(kSecret)), "shared").value();
};

}  // namespace nexpo::fuzz
