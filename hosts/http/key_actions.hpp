// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/http_settings.hpp"
#include "nexpo/result.hpp"

namespace nexpo::http_host {

/// Seals the database's sealed data under the configured key. Answers what to tell whoever asked for it.
Result<std::string> reseal(HttpSettings settings);

/// Starts to replace the key that signs access tokens; `revoke` ends the old ones at once.
Result<std::string> rotate_keys(HttpSettings settings, bool revoke);

}  // namespace nexpo::http_host
