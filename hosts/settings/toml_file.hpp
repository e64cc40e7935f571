// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/result.hpp"
#include "settings/setting.hpp"

namespace nexpo::hosts {

/// One `key = value` of a TOML file.
struct TomlEntry {
    std::string key{};  ///< With its sections, `http.port`.
    std::optional<SettingValue>
        value{};             ///< Absent when it is of a kind that no setting has: a date, a list of numbers, …
    std::uint32_t line = 0;  ///< Counted from 1.
};

/// Every entry of a TOML 1.0 text. Errors: invalid_argument, with line and column but no part of the text.
Result<std::vector<TomlEntry>> read_toml(std::string_view text);

}  // namespace nexpo::hosts
