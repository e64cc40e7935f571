// SPDX-License-Identifier: Apache-2.0
#include "settings/toml_file.hpp"

#include "settings/toml_library.hpp"

namespace nexpo::hosts {

namespace {

/// A list of texts; nothing for any other.
std::optional<SettingValue> list_of(toml::array const& array) {
    std::vector<std::string> elements;
    for (auto const& node : array) {
        auto const* text = node.as_string();
        if (text == nullptr) return std::nullopt;
        elements.push_back(text->get());
    }
    return elements;
}

std::optional<SettingValue> value_of(toml::node const& node) {
    if (auto const* text = node.as_string()) return text->get();
    if (auto const* flag = node.as_boolean()) return flag->get();
    if (auto const* whole = node.as_integer()) return whole->get();
    if (auto const* number = node.as_floating_point()) return number->get();
    if (auto const* array = node.as_array()) return list_of(*array);
    return std::nullopt;
}

void collect(std::vector<TomlEntry>& out, toml::table const& table, std::string const& prefix) {
    for (auto const& [name, node] : table) {
        auto key = prefix + std::string(name.str());
        if (auto const* section = node.as_table()) {
            collect(out, *section, key + '.');
        } else {
            out.push_back({std::move(key), value_of(node), node.source().begin.line});
        }
    }
}

}  // namespace

Result<std::vector<TomlEntry>> read_toml(std::string_view text) {
    try {
        std::vector<TomlEntry> entries;
        collect(entries, toml::parse(text), "");
        return entries;
    } catch (toml::parse_error const& error) {
        // The description may quote the text around the fault, and that may be a secret.
        auto const at = error.source().begin;
        return Error{Errc::invalid_argument, "toml_malformed",
                     "is not valid TOML at line " + std::to_string(at.line) + ", column " + std::to_string(at.column)};
    } catch (TomlAssumption const&) {
        return Error{Errc::invalid_argument, "toml_malformed", "is not valid TOML"};
    }
}

}  // namespace nexpo::hosts
