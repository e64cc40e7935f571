// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/common_settings.hpp"
#include "nexpo/config.hpp"
#include "settings/load.hpp"

namespace nexpo::grpc_host {

/// The server.
struct GrpcConfig {
    std::string address = "127.0.0.1";
    std::int64_t port = 50'051;
    std::int64_t blocking_threads = 24;
    std::int64_t blocking_queue = 256;
    std::int64_t message_bytes = 1'048'576;
    std::int64_t metadata_bytes = 16'384;
    std::int64_t streams_per_connection = 100;
    std::int64_t keepalive_seconds = 60;
    std::int64_t keepalive_timeout_seconds = 20;
    std::int64_t ping_seconds = 30;
    std::int64_t idle_seconds = 3'600;
    std::int64_t drain_seconds = 20;
    bool reflection = true;
    std::vector<std::string> clients{};
};

/// Everything that can be set. The members of `Config` have no section of their own.
struct GrpcSettings {
    Config backend{.database = "sqlite:data/nexpo.db", .create_organizations = false};
    GrpcConfig grpc{};
    hosts::TlsConfig tls{};
    hosts::LogConfig log{};
    hosts::AdminConfig admin{};
};

StructType describe(Type<GrpcConfig>);
StructType describe(Type<GrpcSettings>);

/// Loads the settings and checks what descriptions cannot say. Errors: invalid_argument (`settings_invalid`), whose
/// message has one line for each problem.
Result<GrpcSettings> load_grpc_settings(hosts::Sources const& sources);

}  // namespace nexpo::grpc_host
