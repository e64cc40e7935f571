// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address_guard.hpp"
#include "net/http_message.hpp"
#include "net/ip_address.hpp"
#include "net/url.hpp"
#include "nexpo/result.hpp"

namespace nexpo::net {

struct TransferOptions {
    std::optional<Proxy> proxy{};  ///< The environment is never asked.
    std::string ca_file{};         ///< PEM; empty takes the system's.
    std::string user_agent{};
    int max_connections = 256;
    int max_connections_per_host = 32;  ///< Per address.
    int max_idle_connections = 64;
};

/// One exchange with one peer.
struct Transfer {
    HttpRequest const* request = nullptr;  ///< Lives until the transfer ends.
    Url url{};
    std::optional<IpAddress> peer{};           ///< Where to connect; without it the proxy looks the host up.
    std::vector<IpAddress> proxy_addresses{};  ///< Of a proxy that is given by name.
    std::chrono::milliseconds connect_timeout{};
    bool guarded = false;     ///< Sockets are opened to addresses that the guard allows only.
    bool repeatable = false;  ///< libcurl may send it again when a kept connection turns out to be dead.
};

struct TransferOutcome {
    Result<HttpResponse> response;
    bool connected = true;  ///< False when not a byte of the request can have arrived.
};

/// What happens on connections: libcurl's multi interface, with everything that it could take from the environment set
/// explicitly. Used by one thread, except for `wake`.
class Transfers {
 public:
    using Done = std::function<void(TransferOutcome)>;
    using Id = std::uint64_t;

    /// Errors: internal.
    static Result<std::unique_ptr<Transfers>> create(TransferOptions options, AddressGuard const& guard);

    Transfers(Transfers const&) = delete;
    Transfers& operator=(Transfers const&) = delete;
    ~Transfers();

    /// Begins; `done` is called by `run`, once, unless the transfer is cancelled before.
    Id start(Transfer transfer, Done done);
    /// Ends it without a word. Unknown and finished ids are ignored.
    void cancel(Id id);

    /// Waits until something happens, `wake` is called or the time is over, and moves everything on.
    void run(std::chrono::milliseconds timeout);
    /// Makes `run` return, now or the next time. Thread-safe.
    void wake();

    /// Null when there is none.
    Proxy const* proxy() const noexcept;
    /// Sockets opened so far. Thread-safe.
    std::uint64_t connections_opened() const noexcept;

 private:
    class Multi;

    explicit Transfers(std::unique_ptr<Multi> multi);

    std::unique_ptr<Multi> multi_;
};

}  // namespace nexpo::net
