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

/// The entity tag of content that has no version.
std::string content_tag(std::string_view content);

/// The tag of the compressed form of what has this strong tag: `"v7-gzip"` for `"v7"`. It is strong too, so that
/// clients can send it back in `If-Match`, which weak ones never match.
std::string gzip_tag(std::string_view tag);

/// The version that an `If-Match` header asks for (RFC 9110 section 13.1.1), nothing for `*`. The tag of the compressed
/// form stands for the version too. Tags of other forms and weak ones match no record: kNoVersion. Errors:
/// invalid_argument (`header_invalid`) when the header is malformed or names several versions.
Result<std::optional<std::int64_t>> parse_if_match(std::string_view header);

/// The tag, or that of its compressed form, whichever an `If-None-Match` header names by weak comparison (RFC 9110
/// section 13.1.2); the tag for `*`. Nothing when it names neither or is malformed.
std::optional<std::string> named_tag(std::string_view header, std::string const& tag);

}  // namespace nexpo::gateway
