// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/common_settings.hpp"
#include "nexpo/config.hpp"
#include "nexpo/describe.hpp"
#include "settings/load.hpp"

namespace nexpo::http_host {

using hosts::AdminConfig;
using hosts::LogConfig;
using hosts::LogThreshold;
using hosts::TlsConfig;

/// Where a trusted proxy tells of its client: in `X-Forwarded-For` and `X-Forwarded-Proto`, or in `Forwarded` (RFC
/// 7239).
enum class ForwardingHeader : std::uint8_t { x_forwarded_for, forwarded };

constexpr std::array<std::string_view, 2> enum_names(ForwardingHeader) {
    return {"x-forwarded-for", "forwarded"};
}

/// The server.
struct HttpConfig {
    std::string address = "127.0.0.1";
    std::int64_t port = 8080;
    std::int64_t threads = 0;
    std::int64_t blocking_threads = 24;
    std::int64_t blocking_queue = 256;
    std::int64_t max_connections = 10'000;
    std::int64_t header_bytes = 16'384;
    std::int64_t header_count = 100;
    std::int64_t bodies_bytes = 268'435'456;
    std::int64_t header_seconds = 10;
    std::int64_t body_seconds = 30;
    std::int64_t idle_seconds = 75;
    std::int64_t write_seconds = 30;
    std::int64_t heartbeat_seconds = 15;
    std::int64_t drain_seconds = 20;
    std::vector<std::string> trusted_proxies{};
    ForwardingHeader forwarding_header = ForwardingHeader::x_forwarded_for;
};

/// Everything that can be set. The members of `Config` have no section of their own.
struct HttpSettings {
    Config backend{.database = "sqlite:data/nexpo.db", .create_organizations = false};
    HttpConfig http{};
    TlsConfig tls{};
    LogConfig log{};
    AdminConfig admin{};
};

StructType describe(Type<HttpConfig>);
StructType describe(Type<HttpSettings>);

/// Loads the settings and checks what descriptions cannot say: addresses, the form of the key, the password's length,
/// and which settings need each other. Errors: invalid_argument (`settings_invalid`), whose message has one line for
/// each problem.
Result<HttpSettings> load_http_settings(hosts::Sources const& sources);

}  // namespace nexpo::http_host
