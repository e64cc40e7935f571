// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Record ids: TypeID, a prefix and a UUIDv7 (https://github.com/jetify-com/typeid, RFC 9562 section 5.7).

#include <string>
#include <string_view>

#include "nexpo/export.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// A new id such as `usr_01j8x4mq3he5nr7w0c2k9v6t1b`: the prefix, an underscore and 26 characters of Crockford's base32
/// in lower case. `prefix` is 1 to 63 characters of a-z and inner underscores. Ids sort by the microsecond of `now`.
/// Thread-safe as far as `random` is.
NEXPO_API std::string make_id(std::string_view prefix, Timestamp now, Random& random);

/// True when `text` is a well-formed id with exactly this prefix. Thread-safe.
NEXPO_API bool is_id(std::string_view text, std::string_view prefix) noexcept;

}  // namespace nexpo::inline v1
