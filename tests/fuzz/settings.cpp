// SPDX-License-Identifier: Apache-2.0
// Settings from a file, the environment and flags: three parts of the input, parted by lines of `---`.
#include "fuzz/fuzz.hpp"
#include "settings/help.hpp"
#include "settings/load.hpp"
#include "settings/setting.hpp"
#include "settings/toml_file.hpp"
#include "unit/settings/sample_settings.hpp"

namespace nexpo::fuzz {
namespace {

using hosts::sample::Settings;

constexpr std::string_view kSecret = "correct-horse-battery-staple";
constexpr std::string_view kTraitor = kSecret.substr(0, 12);

hosts::Sources sources_of(std::string_view input) {
    hosts::Sources sources{.file = std::string(take_until(input, "\n---\n")), .file_path = "app.toml"};
    auto environment = take_until(input, "\n---\n");
    while (!environment.empty()) {
        auto line = take_until(environment, "\n");
        auto const name = take_until(line, "=");
        // The library would read whatever file it is told.
        if (!name.ends_with("_FILE")) sources.environment.emplace(name, line);
    }
    std::vector<std::string> words;
    while (!input.empty()) words.emplace_back(take_until(input, "\n"));
    std::vector<char const*> arguments;
    for (auto const& word : words) arguments.push_back(word.c_str());
    std::string_view const actions[] = {"help"};
    sources.command_line = hosts::parse_command_line(arguments, actions);
    return sources;
}

/// Every setting as a flag.
hosts::Sources flags_of(Settings const& settings) {
    hosts::Sources sources;
    for (auto const& setting : hosts::list_settings(struct_type<Settings>())) {
        auto const value =
            setting.is_secret() ? std::string(settings.shared.key.reveal()) : hosts::show_value(setting, &settings);
        sources.command_line.flags.push_back({setting.key, value});
    }
    return sources;
}

bool same(Settings const& left, Settings const& right) {
    return to_json(left) == to_json(right);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(settings) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const& type = struct_type<Settings>();
    auto sources = sources_of(input);
    Settings settings;
    auto const loaded = hosts::load_settings(type, &settings, sources);
    if (loaded) {
        require(validate(settings).has_value(), "what was loaded keeps the rules");
        for (auto const& [key, origin] : loaded->origins) {
            require(!key.empty() && !origin.empty(), "every value has an origin", key);
        }
        Settings again;
        auto const reloaded = hosts::load_settings(type, &again, flags_of(settings));
        require(reloaded.has_value(), "every value can be given as a flag", reloaded ? "" : reloaded.error().message);
        require(same(settings, again), "and is the same then", to_json(settings));
    } else {
        auto const& error = loaded.error();
        require(error.reason == "settings_invalid" && !error.violations.empty(), "every problem is named");
    }

    // The secret comes from the variable, whatever else is wrong: no message shows it.
    if (input.find(kTraitor) != input.npos) return;
    sources.environment["NEXPO_KEY"] = kSecret;
    Settings secretive;
    auto const refused = hosts::load_settings(type, &secretive, sources);
    if (!refused) require(refused.error().message.find(kTraitor) == std::string::npos, "no message shows a secret");
    auto const toml = hosts::read_toml("key = \"" + std::string(kSecret) + "\"\n" + sources.file);
    if (!toml) require(toml.error().message.find(kTraitor) == std::string::npos, "no TOML message shows a secret");
}
