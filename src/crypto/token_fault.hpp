// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "nexpo/error.hpp"

namespace nexpo::crypto {

/// Why a token was refused: for the log only. The caller learns nothing but "invalid" or "expired", lest the answers
/// guide a forger.
enum class TokenFault : std::uint8_t {
    none,
    size,
    form,
    header,
    critical,
    algorithm,
    type,
    key,
    signature,
    payload,
    time,
    issuer,
    audience,
    subject,
    expired,
};

/// The fault's name, for example `signature`.
std::string_view to_string(TokenFault fault) noexcept;

/// The answer for a fault: unauthenticated with reason `token_expired` for `expired`, `token_invalid` for all others.
/// The fault is also stored in `detail` when that is not null.
Error refuse_token(TokenFault fault, TokenFault* detail);

}  // namespace nexpo::crypto
