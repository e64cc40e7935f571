// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/config.hpp"
#include "nexpo/describe.hpp"
#include "nexpo/secret.hpp"
#include "settings/load.hpp"

namespace nexpo::hosts {

/// The oldest version of TLS that is spoken.
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

constexpr std::array<std::string_view, 2> enum_names(TlsVersion) {
    return {"1.2", "1.3"};
}

/// TLS; off without a certificate.
struct TlsConfig {
    std::string certificate{};
    std::string key{};
    std::string client_ca{};
    bool client_required = true;
    TlsVersion minimum = TlsVersion::tls_1_2;
    std::int64_t handshake_seconds = 10;

    bool is_on() const { return !certificate.empty(); }
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

StructType describe(Type<TlsConfig>);
StructType describe(Type<LogConfig>);
StructType describe(Type<AdminConfig>);

/// Checks what descriptions cannot say of the settings that all hosts have: TLS, the form of the sealing key, the
/// password's length, and `Config` itself.
void check_common(Config const& backend, TlsConfig const& tls, AdminConfig const& admin, Loaded const& loaded,
                  std::vector<Violation>& problems);

/// Whether the text is an IP address.
bool is_ip_address(std::string const& text);

}  // namespace nexpo::hosts
