// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nexpo::hosts {

/// The candidate that was probably meant by a mistyped word, or an empty text when none is near. Case, `-` and `_` do
/// not count, and `port` finds `http.port`.
std::string suggest(std::string_view word, std::span<std::string const> candidates);

}  // namespace nexpo::hosts
