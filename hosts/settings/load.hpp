// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/result.hpp"
#include "settings/command_line.hpp"

namespace nexpo::hosts {

/// Where settings come from. A flag goes before the environment, that before the file, that before the default.
struct Sources {
    CommandLine command_line{};                        ///< The arguments.
    std::map<std::string, std::string> environment{};  ///< All variables; only those that start with NEXPO_ count.
    std::string file{};                                ///< TOML; empty when there is no file.
    std::string file_path{};                           ///< For messages.
};

/// What is known after loading.
struct Loaded {
    std::map<std::string, std::string> origins{};  ///< For each key that was given, who gave it: `NEXPO_HTTP_PORT`.

    /// `key from NEXPO_HTTP_PORT`, or `key` alone for a default.
    std::string describe(std::string const& key) const;
    /// A violation that names a member by JSON pointer, now by the setting and who gave it.
    Violation locate(Violation const& violation) const;
};

/// Fills a settings struct, which holds the defaults, by its description. Unknown keys are errors. Secrets can also be
/// given as the path of a file that holds them, in `NEXPO_<KEY>_FILE`.
/// Errors: invalid_argument (`settings_invalid`) with one violation per problem; its message lists them all. No message
/// holds the value of a secret.
Result<Loaded> load_settings(StructType const& type, void* settings, Sources const& sources);

/// The error that lists these problems.
Error settings_error(std::vector<Violation> problems);

/// Arguments, environment and the file that `--config` or NEXPO_CONFIG names.
/// Errors: invalid_argument (`settings_invalid`) when the file cannot be read.
Result<Sources> read_sources(CommandLine command_line, char const* const* environment);

}  // namespace nexpo::hosts
