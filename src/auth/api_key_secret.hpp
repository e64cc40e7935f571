// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "nexpo/random.hpp"

namespace nexpo::auth {

/// `nxp_`, 40 random letters and digits (238 bits), and six that check them, so that scanners for leaked secrets and a
/// mistyped key cost no look into the database.
std::string make_api_key_secret(Random& random);

/// True for everything that is meant to be an API key.
bool looks_like_api_key(std::string_view text) noexcept;

/// True when form and checksum are right.
bool is_well_formed_api_key(std::string_view text) noexcept;

/// What is stored of a secret: SHA-256 in hexadecimal.
std::string api_key_hash(std::string_view secret);

}  // namespace nexpo::auth
