// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "nexpo/result.hpp"

namespace nexpo::hosts {

/// The contents of a regular file of at most a mebibyte; never waits for a pipe or a device. Errors: not_found,
/// permission_denied, invalid_argument, unavailable; the message says what is wrong without naming the file.
Result<std::string> read_text_file(std::string const& path);

}  // namespace nexpo::hosts
