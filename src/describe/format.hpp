// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nexpo/describe.hpp"

namespace nexpo::describe {

/// What a text should look like, when it does not; nullptr when it does.
char const* broken_format(Format format, std::string_view text) noexcept;

}  // namespace nexpo::describe
