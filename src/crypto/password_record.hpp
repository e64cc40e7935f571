// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/argon2id.hpp"

namespace nexpo::crypto {

/// A stored password hash with all it takes to verify it.
struct PasswordRecord {
    Argon2Parameters parameters{};
    std::string salt{};
    std::string hash{};
};

/// The record in the PHC string format, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, as other Argon2 programs write
/// it (https://github.com/P-H-C/phc-string-format).
std::string encode(PasswordRecord const& record);

/// Reads what `encode` writes; nothing when the text is anything else or its parameters are not sound.
std::optional<PasswordRecord> parse_password_record(std::string_view text);

}  // namespace nexpo::crypto
