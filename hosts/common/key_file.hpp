// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::hosts {

/// This many random bytes as base64url without padding (RFC 4648 section 5).
Secret random_text(std::size_t bytes);

/// Creates a folder and those above it, for the owner alone, unless it exists. Errors: unavailable.
Result<void> make_folder(std::string const& path);

/// The key in a file; a missing file is created with a new key, complete from the moment it appears.
/// Errors: unavailable, failed_precondition (`sealing_key_malformed`).
Result<Secret> read_or_create_key(std::string const& path);

}  // namespace nexpo::hosts
