// SPDX-License-Identifier: Apache-2.0
#include "settings/command_line.hpp"

#include <algorithm>

namespace nexpo::hosts {

bool CommandLine::has(std::string_view action) const {
    return std::ranges::find(actions, action) != actions.end();
}

CommandLine parse_command_line(std::span<char const* const> arguments, std::span<std::string_view const> actions) {
    CommandLine line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string_view const argument = arguments[i];
        if (argument == "-h") {
            line.actions.emplace_back("help");
            continue;
        }
        if (!argument.starts_with("--")) {
            line.strays.emplace_back(argument);
            continue;
        }
        auto const equals = argument.find('=');
        Flag flag{.name = std::string(argument.substr(2, equals == argument.npos ? equals : equals - 2))};
        if (equals != argument.npos) {
            flag.value = argument.substr(equals + 1);
        } else if (std::ranges::find(actions, flag.name) != actions.end()) {
            line.actions.push_back(std::move(flag.name));
            continue;
        } else if (i + 1 < arguments.size() && !std::string_view(arguments[i + 1]).starts_with("--")) {
            flag.value = arguments[++i];
        }
        if (flag.name == "config" && flag.value) {
            line.config_file = std::move(flag.value);
        } else {
            line.flags.push_back(std::move(flag));
        }
    }
    return line;
}

}  // namespace nexpo::hosts
