// SPDX-License-Identifier: Apache-2.0
#include "settings/setting.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nexpo::hosts {

namespace {

void collect(std::vector<Setting>& out, StructType const& type, std::string const& section, std::size_t offset) {
    for (auto const& field : type.fields()) {
        auto const at = offset + field.offset();
        if (field.type().kind == Kind::object) {
            auto inner = section;
            if (!inner.empty() && !field.name().empty()) inner += '.';
            collect(out, field.type().structure(), inner + field.name(), at);
        } else {
            out.push_back({section.empty() ? field.name() : section + '.' + field.name(), section, &field, at});
        }
    }
}

template <class T>
std::optional<SettingValue> parse_number(std::string_view text) {
    T number{};
    auto const end = text.data() + text.size();
    auto const [stop, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return number;
}

bool is_text_list(ValueType const& type) {
    return type.kind == Kind::list && type.element->kind == Kind::text;
}

std::vector<std::string> split(std::string_view text) {
    constexpr std::string_view kSpace = " \t";
    std::vector<std::string> elements;
    while (!text.empty()) {
        auto const comma = text.find(',');
        auto const element = text.substr(0, comma);
        auto const first = element.find_first_not_of(kSpace);
        if (first != element.npos) {
            elements.emplace_back(element.substr(first, element.find_last_not_of(kSpace) - first + 1));
        }
        text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    }
    return elements;
}

std::string range(Field const& field) {
    auto const lower = field.lower();
    auto const upper = field.upper();
    if (lower && upper) return " from " + std::to_string(*lower) + " to " + std::to_string(*upper);
    if (lower) return " from " + std::to_string(*lower);
    if (upper) return " up to " + std::to_string(*upper);
    return {};
}

}  // namespace

std::string Setting::environment_name() const {
    std::string name = "NEXPO_" + key;
    for (auto& letter : name) {
        if (letter == '.') letter = '_';
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return name;
}

bool Setting::is_secret() const {
    return field->is_secret() || &field->type() == &value_type<Secret>();
}

std::vector<Setting> list_settings(StructType const& type) {
    std::vector<Setting> settings;
    collect(settings, type, "", 0);
    // TOML puts every top-level key before the first section.
    std::ranges::stable_partition(settings, [](Setting const& setting) { return setting.section.empty(); });
    return settings;
}

std::string wanted_value(Setting const& setting) {
    auto const& type = setting.field->type();
    switch (type.kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "a whole number" + range(*setting.field);
        case Kind::number:
            return "a number" + range(*setting.field);
        case Kind::text:
            return "text";
        case Kind::list:
            return is_text_list(type) ? "a list, separated by commas in flags and variables"
                                      : "of a type that no setting can have";
        case Kind::enumeration: {
            std::string words = "one of";
            for (auto const name : type.names) words.append(name == type.names[0] ? " " : ", ").append(name);
            return words;
        }
        default:
            return "of a type that no setting can have";
    }
}

std::optional<SettingValue> parse_value(Setting const& setting, std::string_view text) {
    switch (setting.field->type().kind) {
        case Kind::boolean:
            if (text == "true" || text == "1") return true;
            if (text == "false" || text == "0") return false;
            return std::nullopt;
        case Kind::integer:
            return parse_number<std::int64_t>(text);
        case Kind::number:
            return parse_number<double>(text);
        case Kind::list:
            return split(text);
        default:
            return std::string(text);
    }
}

bool assign_value(Setting const& setting, void* settings, SettingValue const& value) {
    auto const& type = setting.field->type();
    void* const at = static_cast<char*>(settings) + setting.offset;
    auto const* whole = std::get_if<std::int64_t>(&value);
    auto const* text = std::get_if<std::string>(&value);
    auto const* list = std::get_if<std::vector<std::string>>(&value);
    switch (type.kind) {
        case Kind::boolean:
            if (auto const* flag = std::get_if<bool>(&value)) return *static_cast<bool*>(at) = *flag, true;
            return false;
        case Kind::integer:
            if (!whole || *whole < type.lowest || *whole > type.highest) return false;
            return type.set_integer(at, *whole), true;
        case Kind::number: {
            auto const* number = std::get_if<double>(&value);
            if (number && !std::isfinite(*number)) return false;
            if (number) return *static_cast<double*>(at) = *number, true;
            if (whole) return *static_cast<double*>(at) = static_cast<double>(*whole), true;
            return false;
        }
        case Kind::text:
            if (!text) return false;
            return type.set_text(at, *text), true;
        case Kind::list:
            if (!list || !is_text_list(type)) return false;
            type.clear(at);
            for (auto const& element : *list) type.element->set_text(type.append(at), element);
            return true;
        case Kind::enumeration: {
            if (!text) return false;
            auto const found = std::ranges::find(type.names, std::string_view(*text));
            if (found == type.names.end()) return false;
            return type.set_integer(at, found - type.names.begin()), true;
        }
        default:
            return false;
    }
}

std::string show_value(Setting const& setting, void const* settings) {
    if (setting.is_secret()) return {};
    auto const& type = setting.field->type();
    void const* const at = static_cast<char const*>(settings) + setting.offset;
    switch (type.kind) {
        case Kind::boolean:
            return *static_cast<bool const*>(at) ? "true" : "false";
        case Kind::integer:
            return std::to_string(type.integer(at));
        case Kind::number:
            return Json(*static_cast<double const*>(at)).dump();
        case Kind::text:
            return std::string(type.text(at));
        case Kind::list: {
            std::string text;
            for (std::size_t i = 0; i < type.size(at); ++i) {
                text.append(text.empty() ? "" : ",").append(type.element->text(type.at(at, i)));
            }
            return text;
        }
        case Kind::enumeration:
            return std::string(type.names[static_cast<std::size_t>(type.integer(at))]);
        default:
            return {};
    }
}

std::string show_toml(Setting const& setting, void const* settings) {
    auto shown = show_value(setting, settings);
    auto const& type = setting.field->type();
    if (type.kind == Kind::text || type.kind == Kind::enumeration) return Json(shown).dump();
    if (type.kind != Kind::list) return shown;
    Json list(Json::Array{});
    for (auto const& element : split(shown)) list.append(element);
    return list.dump();
}

}  // namespace nexpo::hosts
