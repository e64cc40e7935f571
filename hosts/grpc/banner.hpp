// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/first_run.hpp"
#include "grpc/grpc_settings.hpp"

namespace nexpo::grpc_host {

/// What is printed when the server is ready: where it is and three commands to try.
std::string banner(GrpcSettings const& settings, hosts::Owner const& owner, std::string const& address);

}  // namespace nexpo::grpc_host
