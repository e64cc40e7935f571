// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::hosts {

/// One value that a deployment can set: a leaf of the described settings struct.
struct Setting {
    std::string key{};             ///< `http.port`; top-level ones have no dot.
    std::string section{};         ///< `http`; empty at top level.
    Field const* field = nullptr;  ///< Its description; never null.
    std::size_t offset = 0;        ///< Bytes from the start of the outermost struct.

    /// `NEXPO_HTTP_PORT`
    std::string environment_name() const;
    /// Whether its value must not be shown.
    bool is_secret() const;
};

/// A value as a source gives it.
using SettingValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

/// Every leaf in order, top-level ones first. A member that is described under an empty name lends its own members to
/// the struct it stands in, so that a host's settings embed `Config` without a section of their own.
std::vector<Setting> list_settings(StructType const& type);

/// What a value must be, for messages and help: `a whole number from 0 to 65535`.
std::string wanted_value(Setting const& setting);

/// Reads text from the environment or a flag as the setting's type; nothing when it is mistyped. A list's elements are
/// separated by commas, spaces around them do not count, and an empty text is an empty list.
std::optional<SettingValue> parse_value(Setting const& setting, std::string_view text);

/// Writes a value into the settings struct. False when the value has another type than the setting.
bool assign_value(Setting const& setting, void* settings, SettingValue const& value);

/// The current value as text that `parse_value` reads. Secrets are never shown: they give an empty text.
std::string show_value(Setting const& setting, void const* settings);

/// The current value as TOML. Secrets are never shown: they give an empty text in quotes.
std::string show_toml(Setting const& setting, void const* settings);

}  // namespace nexpo::hosts
