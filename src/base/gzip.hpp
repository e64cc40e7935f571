// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::base {

/// The text as one gzip member (RFC 1952); nothing when there is no memory for it. A thread that compresses keeps
/// 256 KiB for the next time.
std::optional<std::string> gzip(std::string_view text);

/// What gzip members, one after the other and nothing else, hold. Never makes more than `most` bytes of it.
/// Errors: invalid_argument (`body_too_large`, or `encoding_malformed` for data that is damaged, cut off or followed by
/// something else), unavailable (`out_of_memory`).
Result<std::string> gunzip(std::string_view data, std::size_t most);

}  // namespace nexpo::base
