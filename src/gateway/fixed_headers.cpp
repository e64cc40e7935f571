// SPDX-License-Identifier: Apache-2.0
#include "gateway/fixed_headers.hpp"

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "gateway/cors.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::gateway {

namespace {

// What OWASP's REST Security Cheat Sheet asks of answers that are no pages: browsers shall not guess their type, run or
// frame them, embed them in other sites, or name their address to others. `X-Frame-Options` is what `frame-ancestors`
// replaces (CSP level 3, section 6.4.2.2).
constexpr std::string_view kSecurity =
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

constexpr std::string_view kExposed =
    "Access-Control-Expose-Headers: Allow, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, WWW-Authenticate, X-Request-Id, traceparent\r\n";

/// Answers may outlive their backend, so these few texts are never freed.
std::string_view keep(std::string text) {
    static std::mutex mutex;
    static auto& texts = *new std::set<std::string>;  // NOLINT(cppcoreguidelines-owning-memory)
    std::lock_guard const lock(mutex);
    return *texts.insert(std::move(text)).first;
}

std::string put_together(GatewayConfig const& config, bool secure, bool granted) {
    bool const any = CorsPolicy::allows_any(config);
    std::string lines(kSecurity);
    if (secure && config.hsts_seconds > 0) {
        // RFC 6797 section 7.2: over TLS only.
        lines.append("Strict-Transport-Security: max-age=").append(std::to_string(config.hsts_seconds)).append("\r\n");
    }
    // RFC 9110 section 12.5.5. Which page asked matters to caches wherever the answer names it (Fetch, CORS and
    // caching).
    bool const by_origin = !any && !config.cors_origins.empty();
    if (config.compress || by_origin) {
        lines.append("Vary: ").append(config.compress ? "Accept-Encoding" : "");
        lines.append(config.compress && by_origin ? ", " : "").append(by_origin ? "Origin\r\n" : "\r\n");
    }
    if (!granted) return lines;
    if (any) lines.append("Access-Control-Allow-Origin: *\r\n");
    if (config.cors_credentials) lines.append("Access-Control-Allow-Credentials: true\r\n");
    return lines.append(kExposed);
}

}  // namespace

FixedHeaders::FixedHeaders(GatewayConfig const& config) {
    for (bool const secure : {false, true}) {
        for (bool const granted : {false, true}) {
            lines_[(secure ? 2U : 0U) + (granted ? 1U : 0U)] = keep(put_together(config, secure, granted));
        }
    }
}

std::string_view security_headers() noexcept {
    return kSecurity;
}

}  // namespace nexpo::gateway
