// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "crypto/key_set.hpp"
#include "crypto/signing_key.hpp"
#include "crypto/token_fault.hpp"
#include "crypto/verification_key.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"

namespace nexpo::crypto {

struct VerifyOptions {
    std::size_t max_size = 8192;  ///< Of the whole token, in bytes.
    std::string_view typ{};       ///< What `typ` must say, for example `at+jwt`; empty asks nothing of it.
};

/// The claims of a compact JWS (RFC 7515 section 5.2) that one of `keys` has signed. The keys decide which algorithms
/// there are, not the token (RFC 8725 section 3.1); header members that carry or name keys are ignored. The claims
/// themselves are not checked, see `check_claims`.
/// Errors: unauthenticated with reason `token_invalid` in all cases; `detail`, when given, gets the cause for the log.
/// Thread-safe.
Result<Json> verify_jws(std::string_view compact, std::span<VerificationKey const> keys, VerifyOptions const& options,
                        TokenFault* detail = nullptr);

inline Result<Json> verify_jws(std::string_view compact, KeySet const& keys, VerifyOptions const& options,
                               TokenFault* detail = nullptr) {
    return verify_jws(compact, keys.keys(), options, detail);
}

}  // namespace nexpo::crypto
