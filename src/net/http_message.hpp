// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace nexpo::net {

/// Who chose the URL of a request.
enum class UrlSource : std::uint8_t {
    user,           ///< Somebody who may be hostile: the address guard decides which peers may be reached.
    configuration,  ///< The operator, who may well mean a private address.
};

struct HttpHeader {
    std::string name;
    std::string value;
};

using HttpHeaders = std::vector<HttpHeader>;

/// The value of the first header of this name, whatever its case, or null. Valid as long as `headers` is unchanged.
std::string const* find_header(HttpHeaders const& headers, std::string_view name) noexcept;

/// When and how often a request is repeated. Waits grow by "full jitter":
/// random between 0 and min(cap, base * 2^attempt)
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
struct RetryPolicy {
    int max_attempts = 3;  ///< In all; 1 repeats nothing.
    std::chrono::milliseconds base{200};
    std::chrono::milliseconds cap{10'000};
    /// A server that asks for more patience than this, or than the time limit leaves, is not asked again.
    std::chrono::milliseconds max_retry_after{60'000};
};

struct HttpRequest {
    std::string method = "GET";
    std::string url{};  ///< Absolute, http or https, without user information; at most 8 KiB.
    HttpHeaders headers{};
    std::string body{};
    UrlSource source = UrlSource::user;

    /// For everything: lookup, connecting, repeats and their waits. No time here is longer than a day.
    std::chrono::milliseconds timeout{30'000};
    std::chrono::milliseconds connect_timeout{5'000};  ///< For connecting to all addresses of the host together.
    std::size_t max_response_bytes = 4U << 20;         ///< Of the decoded body, up to 1 GiB.
    std::size_t max_header_bytes = 64U << 10;          ///< Of the header section, interim responses included.

    /// Redirects to follow. Each hop is checked like the first; credentials never leave the origin (scheme, host,
    /// port).
    int max_redirects = 0;
    /// The effect of sending this twice is that of sending it once, as with an idempotent method or an
    /// `Idempotency-Key` header, which both count by themselves.
    bool repeatable = false;
    std::optional<RetryPolicy> retry{};  ///< Instead of the client's.
    std::stop_token stop{};
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers{};  ///< As received, of the final response; trailers are dropped.
    std::string body{};     ///< Decoded, when the server sent gzip.
    int http_version = 0;   ///< 11 or 20.
    int attempts = 1;       ///< How often the request was sent to get this.
};

}  // namespace nexpo::net
