// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nexpo::base {

/// What stands in for bytes that are no UTF-8: U+FFFD.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// What stands at the front of a text.
struct Utf8Sequence {
    std::size_t length = 0;  ///< Bytes of the code point, or of the part that cannot become one; 0 for an empty text.
    bool valid = false;      ///< True when the bytes are one code point.
};

/// Looks at the first code point (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). What is invalid has the
/// length of its maximal subpart, so that replacing it agrees with Unicode's recommended practice and with browsers.
Utf8Sequence next_utf8(std::string_view text) noexcept;

/// True when the whole text is UTF-8.
bool valid_utf8(std::string_view text) noexcept;

/// The number of code points; each invalid part counts as one.
std::size_t count_code_points(std::string_view text) noexcept;

/// The text with U+FFFD in the place of each invalid part.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace nexpo::base
