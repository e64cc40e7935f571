// SPDX-License-Identifier: Apache-2.0
#include "http/http_settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "http/network.hpp"
#include "nexpo/json.hpp"

namespace nexpo::http_host {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

bool is_ip_address(std::string const& text) {
    in6_addr parsed{};
    return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

bool in_alphabet(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == text.npos;
}

/// 32 bytes as hex, base64 or base64url (RFC 4648), padded or not.
bool has_key_form(std::string_view text) {
    constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (text.size() == 64 && in_alphabet(text, "0123456789abcdefABCDEF")) return true;
    if (text.size() == 44 && text.back() == '=') text.remove_suffix(1);
    return text.size() == 43 && (in_alphabet(text, std::string(kAlphanumeric) + "+/") ||
                                 in_alphabet(text, std::string(kAlphanumeric) + "-_"));
}

}  // namespace

StructType describe(Type<HttpConfig>) {
    return structure<HttpConfig>(
        "HttpConfig",
        field("address", &HttpConfig::address)
            .required()
            .max(64)
            .doc("IP address to listen on; 0.0.0.0 or :: for every interface."),
        field("port", &HttpConfig::port).min(0).max(65'535).doc("Port to listen on; 0 for any free one."),
        field("threads", &HttpConfig::threads)
            .min(0)
            .max(1024)
            .doc("Threads that serve connections; 0 for one per core."),
        field("blocking_threads", &HttpConfig::blocking_threads)
            .min(1)
            .max(4096)
            .doc("Most threads for calls that wait, such as sign-in."),
        field("blocking_queue", &HttpConfig::blocking_queue)
            .min(0)
            .max(1'000'000)
            .doc("Calls that may wait for such a thread; more are answered 503."),
        field("max_connections", &HttpConfig::max_connections)
            .min(1)
            .max(1'000'000)
            .doc("Connections at the same time; more are answered 503."),
        field("header_bytes", &HttpConfig::header_bytes)
            .min(1024)
            .max(65'536)
            .doc("Longest request line and headers together; longer ones are answered 431."),
        field("header_count", &HttpConfig::header_count)
            .min(8)
            .max(1000)
            .doc("Most header lines of a request; more are answered 431."),
        field("bodies_bytes", &HttpConfig::bodies_bytes)
            .min(1'048'576)
            .max(std::int64_t{1} << 40)
            .doc("Most memory for the bodies of all requests together; more are answered 503."),
        field("header_seconds", &HttpConfig::header_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for a request's headers to arrive; then 408."),
        field("body_seconds", &HttpConfig::body_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for a request's body to arrive; then 408."),
        field("idle_seconds", &HttpConfig::idle_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time that a connection may wait for its next request."),
        field("write_seconds", &HttpConfig::write_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for a client to take a response."),
        field("heartbeat_seconds", &HttpConfig::heartbeat_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time after which a stream of events without events shows that it lives."),
        field("drain_seconds", &HttpConfig::drain_seconds)
            .min(0)
            .max(kDaySeconds)
            .doc("Time for running requests to finish after SIGTERM or SIGINT."),
        field("trusted_proxies", &HttpConfig::trusted_proxies)
            .doc("Addresses and networks (10.0.0.0/8) of the proxies that are believed when they name their clients."),
        field("forwarding_header", &HttpConfig::forwarding_header)
            .doc("The header in which they do; the other one is ignored, as clients could write it."));
}

StructType describe(Type<TlsConfig>) {
    return structure<TlsConfig>(
        "TlsConfig",
        field("certificate", &TlsConfig::certificate)
            .doc("PEM file of the server's certificate and those between it and the root. Empty: no TLS."),
        field("key", &TlsConfig::key).doc("PEM file of the certificate's private key, without a passphrase."),
        field("client_ca", &TlsConfig::client_ca)
            .doc("PEM file of the authorities whose client certificates are accepted. Empty: clients show none."),
        field("client_required", &TlsConfig::client_required)
            .doc("With client_ca: whether clients without a certificate are refused."),
        field("minimum", &TlsConfig::minimum).doc("Oldest version of TLS that is spoken."),
        field("handshake_seconds", &TlsConfig::handshake_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for a client to complete the TLS handshake."));
}

StructType describe(Type<LogConfig>) {
    return structure<LogConfig>(
        "LogConfig", field("level", &LogConfig::level).doc("Least level of the lines on stderr."),
        field("access", &LogConfig::access).doc("Whether every request is logged, at any level."));
}

StructType describe(Type<AdminConfig>) {
    return structure<AdminConfig>(
        "AdminConfig",
        field("email", &AdminConfig::email)
            .required()
            .format(Format::email)
            .doc("Address of the owner that the first start creates."),
        field("password", &AdminConfig::password)
            .secret()
            .doc("Password of that owner, 8 to 1024 bytes. Empty: one is made and printed once."));
}

StructType describe(Type<HttpSettings>) {
    return structure<HttpSettings>("HttpSettings", field("", &HttpSettings::backend),
                                   field("http", &HttpSettings::http), field("tls", &HttpSettings::tls),
                                   field("log", &HttpSettings::log), field("admin", &HttpSettings::admin));
}

Result<HttpSettings> load_http_settings(hosts::Sources const& sources) {
    HttpSettings settings;
    auto const loaded = hosts::load_settings(struct_type<HttpSettings>(), &settings, sources);
    if (!loaded) return loaded.error();

    std::vector<Violation> problems;
    auto const refuse = [&](char const* key, char const* rule, std::string message) {
        problems.push_back({loaded->describe(key), rule, std::move(message)});
    };
    if (!is_ip_address(settings.http.address)) refuse("http.address", "format", "must be an IP address");
    for (auto const& proxy : settings.http.trusted_proxies) {
        if (!Network::parse(proxy)) {
            auto const message = Json(proxy).dump() + " is no address and no network such as 10.0.0.0/8";
            refuse("http.trusted_proxies", "format", message);
        }
    }
    // While a body grows it takes up to twice its size.
    if (settings.http.bodies_bytes < 2 * settings.backend.gateway.body_bytes) {
        refuse("http.bodies_bytes", "min", "must be at least twice gateway.body_bytes");
    }
    auto const& tls = settings.tls;
    if (tls.is_on() && tls.key.empty()) refuse("tls.key", "required", "is needed with tls.certificate");
    if (!tls.is_on() && !tls.key.empty()) refuse("tls.certificate", "required", "is needed with tls.key");
    if (!tls.is_on() && !tls.client_ca.empty()) refuse("tls.certificate", "required", "is needed with tls.client_ca");
    if (auto const checked = check_config(settings.backend); !checked) {
        for (auto const& violation : checked.error().violations) problems.push_back(loaded->locate(violation));
    }
    auto const key = settings.backend.sealing_key.reveal();
    if (!key.empty() && !has_key_form(key)) {
        refuse("sealing_key", "format", "must be 32 bytes as base64, base64url or hex");
    }
    auto const password = settings.admin.password.reveal().size();
    if (password != 0 && (password < 8 || password > 1024)) {
        refuse("admin.password", "size", "must have 8 to 1024 bytes");
    }
    if (!problems.empty()) return hosts::settings_error(std::move(problems));
    return settings;
}

}  // namespace nexpo::http_host
