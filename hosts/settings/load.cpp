// SPDX-License-Identifier: Apache-2.0
#include "settings/load.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "settings/setting.hpp"
#include "settings/suggestion.hpp"
#include "settings/text_file.hpp"
#include "settings/toml_file.hpp"

namespace nexpo::hosts {

namespace {

constexpr std::string_view kPrefix = "NEXPO_";
constexpr std::string_view kFileSuffix = "_FILE";
constexpr std::string_view kConfigVariable = "NEXPO_CONFIG";

std::string quoted(std::string_view text) {
    constexpr std::size_t kShown = 60;
    return Json(std::string(text.substr(0, kShown)) + (text.size() > kShown ? "..." : "")).dump();
}

class Loader {
 public:
    Loader(StructType const& type, void* settings, Sources const& sources)
        : type_(type), settings_(settings), sources_(sources), list_(list_settings(type)) {
        for (auto const& setting : list_) {
            keys_.push_back(setting.key);
            variables_.push_back(setting.environment_name());
            if (setting.is_secret()) variables_.push_back(setting.environment_name().append(kFileSuffix));
        }
        variables_.emplace_back(kConfigVariable);
    }

    Result<Loaded> run() {
        file();
        environment();
        flags();
        rules();
        if (!problems_.empty()) return settings_error(std::move(problems_));
        return std::move(loaded_);
    }

 private:
    void file() {
        auto entries = read_toml(sources_.file);
        if (!entries) return refuse(sources_.file_path, "toml", entries.error().message);
        for (auto const& entry : *entries) {
            auto const origin = sources_.file_path + " line " + std::to_string(entry.line);
            auto const* setting = find(entry.key);
            if (!setting) {
                refuse(entry.key + " in " + origin, "unknown", unknown(suggest(entry.key, keys_)));
            } else if (!entry.value) {
                mistyped(*setting, origin, {});
            } else {
                assign(*setting, origin, *entry.value, {});
            }
        }
    }

    void environment() {
        for (auto const& [name, value] : sources_.environment) {
            if (!name.starts_with(kPrefix) || name == kConfigVariable) continue;
            if (auto const* setting = find_variable(name)) {
                assign_text(*setting, name, value);
            } else if (auto const* secret = find_secret_file(name)) {
                secret_file(*secret, name, value);
            } else {
                refuse(name, "unknown", unknown(suggest(name, variables_)));
            }
        }
    }

    void flags() {
        for (auto const& stray : sources_.command_line.strays) {
            refuse(quoted(stray), "unknown", "unexpected argument; settings are given as --name=value");
        }
        for (auto const& flag : sources_.command_line.flags) {
            auto const origin = "--" + flag.name;
            auto const* setting = find(flag.name);
            if (!setting) {
                auto const meant = suggest(flag.name, keys_);
                refuse(origin, "unknown", unknown(meant.empty() ? meant : "--" + meant));
            } else if (flag.value) {
                assign_text(*setting, origin, *flag.value);
            } else if (setting->field->type().kind == Kind::boolean) {
                assign(*setting, origin, true, {});
            } else {
                refuse(setting->key + " from " + origin, "required", "needs a value: " + wanted_value(*setting));
            }
        }
    }

    void rules() {
        auto const checked = validate(type_, settings_);
        if (checked) return;
        for (auto const& violation : checked.error().violations) {
            // A setting that could not be read has been reported, and still has its default.
            problems_.push_back(loaded_.locate(violation));
        }
    }

    void secret_file(Setting const& setting, std::string const& variable, std::string const& path) {
        if (sources_.environment.contains(setting.environment_name())) {
            return refuse(variable, "conflict", "only one of it and " + setting.environment_name() + " may be set");
        }
        auto text = read_text_file(path);
        if (!text) return refuse(variable, "file", "the file " + quoted(path) + ' ' + text.error().message);
        while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
        assign_text(setting, variable, *text);
    }

    void assign_text(Setting const& setting, std::string const& origin, std::string const& text) {
        if (auto const value = parse_value(setting, text)) {
            assign(setting, origin, *value, text);
        } else {
            mistyped(setting, origin, text);
        }
    }

    void assign(Setting const& setting, std::string const& origin, SettingValue const& value, std::string const& text) {
        if (!assign_value(setting, settings_, value)) return mistyped(setting, origin, text);
        loaded_.origins[setting.key] = origin;
    }

    void mistyped(Setting const& setting, std::string const& origin, std::string const& text) {
        auto message = "must be " + wanted_value(setting);
        if (!text.empty() && !setting.is_secret()) message += ", not " + quoted(text);
        refuse(setting.key + " from " + origin, "type", std::move(message));
    }

    void refuse(std::string where, std::string rule, std::string message) {
        problems_.push_back({std::move(where), std::move(rule), std::move(message)});
    }

    static std::string unknown(std::string const& meant) {
        return meant.empty() ? "unknown setting" : "unknown setting; did you mean " + meant + '?';
    }

    Setting const* find(std::string_view key) const {
        auto const found = std::ranges::find(list_, key, &Setting::key);
        return found == list_.end() ? nullptr : &*found;
    }

    Setting const* find_variable(std::string_view name) const {
        auto const found = std::ranges::find(list_, name, &Setting::environment_name);
        return found == list_.end() ? nullptr : &*found;
    }

    Setting const* find_secret_file(std::string_view name) const {
        if (!name.ends_with(kFileSuffix)) return nullptr;
        auto const* setting = find_variable(name.substr(0, name.size() - kFileSuffix.size()));
        return setting && setting->is_secret() ? setting : nullptr;
    }

    StructType const& type_;
    void* settings_;
    Sources const& sources_;
    std::vector<Setting> list_;
    std::vector<std::string> keys_;
    std::vector<std::string> variables_;
    std::vector<Violation> problems_;
    Loaded loaded_;
};

}  // namespace

std::string Loaded::describe(std::string const& key) const {
    auto const found = origins.find(key);
    return found == origins.end() ? key : key + " from " + found->second;
}

Violation Loaded::locate(Violation const& violation) const {
    std::string key;
    for (char const letter : violation.field) {
        if (letter != '/') key += letter;
        if (letter == '/' && !key.empty() && key.back() != '.') key += '.';
    }
    auto located = violation;
    auto const dot = key.rfind('.');
    auto const last = key.substr(dot == key.npos ? key.size() : dot + 1);
    if (!last.empty() && last.find_first_not_of("0123456789") == last.npos) {
        located.message.insert(0, "element " + last + " (counted from 0) ");
        key.resize(dot);
    }
    located.field = describe(key);
    return located;
}

Result<Loaded> load_settings(StructType const& type, void* settings, Sources const& sources) {
    return Loader(type, settings, sources).run();
}

Error settings_error(std::vector<Violation> problems) {
    Error error{Errc::invalid_argument, "settings_invalid"};
    for (auto const& problem : problems) {
        if (!error.message.empty()) error.message += '\n';
        error.message.append(problem.field).append(": ").append(problem.message);
    }
    error.violations = std::move(problems);
    return error;
}

Result<Sources> read_sources(CommandLine command_line, char const* const* environment) {
    Sources sources{.command_line = std::move(command_line)};
    for (; *environment != nullptr; ++environment) {
        std::string_view const entry = *environment;
        auto const equals = entry.find('=');
        if (entry.starts_with(kPrefix) && equals != entry.npos) {
            sources.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    auto const variable = sources.environment.find(std::string(kConfigVariable));
    if (sources.command_line.config_file) {
        sources.file_path = *sources.command_line.config_file;
    } else if (variable != sources.environment.end()) {
        sources.file_path = variable->second;
    }
    if (sources.file_path.empty()) return sources;
    auto text = read_text_file(sources.file_path);
    if (!text) return settings_error({{sources.file_path, "file", text.error().message}});
    sources.file = std::move(*text);
    return sources;
}

}  // namespace nexpo::hosts
