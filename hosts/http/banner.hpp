// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/first_run.hpp"
#include "http/http_settings.hpp"

namespace nexpo::http_host {

/// What is printed when the server is ready: where it is and three commands to try.
std::string banner(HttpSettings const& settings, hosts::Owner const& owner, std::string const& url);

}  // namespace nexpo::http_host
