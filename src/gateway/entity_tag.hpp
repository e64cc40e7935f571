// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::gateway {

/// No record has it: asks for a change that must fail.
inline constexpr std::int64_t kNoVersion = -1;

/// The entity tag of a record's version, `"v7"`.
std::string version_tag(std::int64_t version);

/// The version that an `If-Match` header asks for (RFC 9110 section 13.1.1), nothing for `*`. Tags of other forms and
/// weak ones match no record: kNoVersion. Errors: invalid_argument (`header_invalid`) when the header is malformed or
/// names several versions.
Result<std::optional<std::int64_t>> parse_if_match(std::string_view header);

/// True when an `If-None-Match` header names the tag by weak comparison (RFC 9110 section 13.1.2). A malformed header
/// names nothing.
bool names_tag(std::string_view header, std::string_view tag) noexcept;

}  // namespace nexpo::gateway
