// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nexpo/describe.hpp"

namespace nexpo::hosts {

/// The settings with their flags, variables, values and defaults, for `--help`.
std::string settings_help(StructType const& type);

/// A TOML file that holds every setting at its default, commented out.
std::string example_toml(StructType const& type);

/// A file of environment variables that holds every setting at its default, commented out.
std::string example_environment(StructType const& type);

}  // namespace nexpo::hosts
