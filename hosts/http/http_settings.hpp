// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/config.hpp"
#include "nexpo/describe.hpp"
#include "nexpo/secret.hpp"
#include "settings/load.hpp"

namespace nexpo::http_host {

/// The server.
struct HttpConfig {
    std::string address = "127.0.0.1";
    std::int64_t port = 8080;
    std::int64_t threads = 0;
    std::int64_t blocking_threads = 24;
    std::int64_t blocking_queue = 256;
    std::int64_t max_connections = 10'000;
    std::int64_t header_bytes = 16'384;
    std::int64_t header_seconds = 10;
    std::int64_t body_seconds = 30;
    std::int64_t idle_seconds = 75;
    std::int64_t write_seconds = 30;
    std::int64_t drain_seconds = 20;
};

/// The words of `LogLevel` for the settings.
enum class LogThreshold : std::uint8_t { debug, info, warning, error };

constexpr std::array<std::string_view, 4> enum_names(LogThreshold) {
    return {"debug", "info", "warning", "error"};
}

/// The log on stderr.
struct LogConfig {
    LogThreshold level = LogThreshold::info;
    bool access = true;
};

/// The owner that the first start creates.
struct AdminConfig {
    std::string email = "owner@example.com";
    Secret password{};
};

/// Everything that can be set. The members of `Config` have no section of their own.
struct HttpSettings {
    Config backend{.database = "sqlite:data/nexpo.db", .create_organizations = false};
    HttpConfig http{};
    LogConfig log{};
    AdminConfig admin{};
};

StructType describe(Type<HttpConfig>);
StructType describe(Type<LogConfig>);
StructType describe(Type<AdminConfig>);
StructType describe(Type<HttpSettings>);

/// Loads the settings and checks what descriptions cannot say: the address, the form of the key, the password's length.
/// Errors: invalid_argument (`settings_invalid`), whose message has one line for each problem.
Result<HttpSettings> load_http_settings(hosts::Sources const& sources);

}  // namespace nexpo::http_host
