// SPDX-License-Identifier: Apache-2.0
#include "settings/help.hpp"

#include <string_view>

#include "settings/setting.hpp"

namespace nexpo::hosts {

namespace {

constexpr std::size_t kWidth = 100;

/// The text in lines that start with `indent`.
std::string wrapped(std::string_view text, std::string_view indent) {
    std::string out(indent);
    std::size_t column = indent.size();
    while (!text.empty()) {
        auto const space = text.find(' ');
        auto const word = text.substr(0, space);
        if (column > indent.size() && column + 1 + word.size() > kWidth) {
            out.append("\n").append(indent);
            column = indent.size();
        } else if (column > indent.size()) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text = space == text.npos ? std::string_view{} : text.substr(space + 1);
    }
    return out + '\n';
}

std::string explanation(Setting const& setting) {
    auto const wanted = wanted_value(setting);
    auto text = setting.field->description();
    if (wanted == "text") return text;
    return text + (text.empty() ? "Must be " : " Must be ") + wanted + '.';
}

}  // namespace

std::string settings_help(StructType const& type) {
    std::string out;
    for (auto const& setting : list_settings(type)) {
        auto const shown = show_value(setting, type.defaults());
        out += "  --" + setting.key + ", " + setting.environment_name();
        if (setting.is_secret()) out += ", " + setting.environment_name() + "_FILE";
        out += '\n' + wrapped(explanation(setting) + " Default: " + (shown.empty() ? "none." : shown + '.'), "      ");
    }
    return out;
}

std::string example_toml(StructType const& type) {
    std::string out;
    std::string section;
    for (auto const& setting : list_settings(type)) {
        if (!out.empty()) out += '\n';
        if (setting.section != section) out += '[' + setting.section + "]\n\n";
        section = setting.section;
        auto const name = section.empty() ? setting.key : setting.key.substr(section.size() + 1);
        out += wrapped(explanation(setting), "# ");
        out += '#' + name + " = " + show_toml(setting, type.defaults()) + '\n';
    }
    return out;
}

std::string example_environment(StructType const& type) {
    std::string out;
    for (auto const& setting : list_settings(type)) {
        if (!out.empty()) out += '\n';
        out += wrapped(explanation(setting), "# ");
        out += '#' + setting.environment_name() + '=' + show_value(setting, type.defaults()) + '\n';
        if (setting.is_secret()) out += '#' + setting.environment_name() + "_FILE=\n";
    }
    return out;
}

}  // namespace nexpo::hosts
