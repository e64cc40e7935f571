// SPDX-License-Identifier: Apache-2.0
#include "http/http_settings.hpp"

#include <utility>

#include "http/network.hpp"
#include "nexpo/json.hpp"

namespace nexpo::http_host {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

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
    if (!hosts::is_ip_address(settings.http.address)) refuse("http.address", "format", "must be an IP address");
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
    hosts::check_common(settings.backend, settings.tls, settings.admin, *loaded, problems);
    if (!problems.empty()) return hosts::settings_error(std::move(problems));
    return settings;
}

}  // namespace nexpo::http_host
