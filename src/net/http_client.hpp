// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/circuit_breaker.hpp"
#include "net/http_message.hpp"
#include "net/resolver.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::net {

class HttpEngine;

/// A repeat was decided on and will be sent after `wait`.
struct RetryNotice {
    std::string_view origin{};  ///< Scheme, host and port; valid during the call.
    int attempts = 0;           ///< Made so far.
    std::chrono::milliseconds wait{};
};

struct HttpClientOptions {
    /// URL of the one proxy for everything, http or https, whose port is 1080 or 443 unless given; its name is looked
    /// up here. Empty connects directly. Neither the environment nor `no_proxy` is asked. Hosts of `UrlSource::user`
    /// are looked up here and tunnelled to by their checked address.
    std::string proxy{};
    std::string ca_file{};                        ///< PEM of the trusted roots; empty takes the system's.
    std::vector<std::string> allowed_networks{};  ///< CIDR: opened to `UrlSource::user` beside the public Internet.
    std::vector<std::string> allowed_hosts{};     ///< Exact names, likewise.

    // Limits for each `UrlSource`: they share nothing, so that no user can hold up what the operator needs.

    int max_connections = 256;          ///< Also how many requests move at once; hosts take turns.
    int max_connections_per_host = 32;  ///< Per address of it.
    int max_requests_per_host =
        64;  ///< That move at once, by scheme, host and port; more than connections with HTTP/2.
    int max_idle_connections = 64;
    std::size_t max_requests = 10'000;  ///< Under way at once; more are answered `client_busy`.

    RetryPolicy retry{};
    CircuitPolicy circuit{};
    SystemResolverOptions resolving{};

    std::shared_ptr<Clock> clock{};        ///< Absent: the system's.
    std::shared_ptr<Random> random{};      ///< Absent: the system's.
    std::shared_ptr<Resolver> resolver{};  ///< Absent: the system's, with `resolving`.
    /// Told on the client's threads; must not block or throw.
    std::function<void(RetryNotice const&)> on_retry{};
};

/// What the client does now and has done so far.
struct HttpClientStats {
    std::size_t under_way = 0;
    std::uint64_t requests = 0;
    std::uint64_t responses = 0;  ///< Requests answered by the peer, with whatever status.
    std::uint64_t failures = 0;   ///< Requests that ended with an error.
    std::uint64_t retries = 0;
    std::uint64_t redirects = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t addresses_refused = 0;
    std::uint64_t circuits_opened = 0;
    std::uint64_t circuit_refusals = 0;
};

/// Sends HTTP requests to others: HTTP/1.1, and HTTP/2 where TLS offers it, over connections that are kept and shared.
/// A thread for each `UrlSource` moves everything. A response of any status is a value. Thread-safe.
///
/// Errors by reason: `url_invalid`, `request_invalid` (invalid_argument); `address_refused` (permission_denied);
/// `name_not_resolved`, `connect_failed`, `tls_failed`, `proxy_failed`, `connection_lost`, `circuit_open` with
/// `retry_after`, `closed` (unavailable); `timed_out` (deadline_exceeded); `cancelled`; `response_too_large`,
/// `client_busy` (resource_exhausted); `response_invalid` (unknown); `internal`; `redirect_refused`
/// (failed_precondition).
class HttpClient {
 public:
    using Done = std::function<void(Result<HttpResponse>)>;

    /// Errors: invalid_argument (`options_invalid`, `url_invalid` for the proxy, or the address guard's);
    /// resource_exhausted, when threads cannot be had.
    static Result<std::unique_ptr<HttpClient>> create(HttpClientOptions options);

    HttpClient(HttpClient const&) = delete;
    HttpClient& operator=(HttpClient const&) = delete;
    ~HttpClient();

    /// Blocks until the response is there. Not from within a completion, which it answers `failed_precondition`.
    Result<HttpResponse> send(HttpRequest request);

    /// Calls `done` exactly once, on one of the client's threads, or on the caller's when the client is closed already.
    /// `done` must not block or throw; it may send more.
    void send(HttpRequest request, Done done);

    HttpClientStats stats() const;

    /// Looks at the clock now. Only a clock that is moved by hand needs it.
    void wake();

    /// Answers what is under way `unavailable` and stops the threads. Not from within a completion. May be called
    /// repeatedly.
    void close();

 private:
    HttpClient() = default;

    bool on_own_thread() const noexcept;

    std::array<std::shared_ptr<HttpEngine>, 2> engines_{};  // by UrlSource
};

}  // namespace nexpo::net
