// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexpo::hosts {

/// One `--name value` or `--name=value`.
struct Flag {
    std::string name{};                  ///< Without the dashes.
    std::optional<std::string> value{};  ///< Absent when nothing followed.
};

/// The arguments of a host.
struct CommandLine {
    std::vector<std::string> actions{};        ///< Flags such as `help` that take no value.
    std::optional<std::string> config_file{};  ///< `--config FILE`
    std::vector<Flag> flags{};                 ///< Everything else that starts with `--`.
    std::vector<std::string> strays{};         ///< What starts with no dash and follows no flag.

    /// Whether this action was asked for.
    bool has(std::string_view action) const;
};

/// Sorts the arguments, given without the program's name.
CommandLine parse_command_line(std::span<char const* const> arguments, std::span<std::string_view const> actions);

}  // namespace nexpo::hosts
