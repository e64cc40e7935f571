// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "net/http_message.hpp"
#include "net/ip_address.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::net {

/// Turns names into addresses. Implementations are called from the client's thread and must not block it.
class Resolver {
 public:
    using Done = std::function<void(Result<std::vector<IpAddress>>)>;

    Resolver() = default;
    Resolver(Resolver const&) = delete;
    Resolver& operator=(Resolver const&) = delete;
    virtual ~Resolver() = default;

    /// Calls `done` exactly once, on any thread, with addresses in the order in which they should be tried; perhaps not
    /// at all when `stop` was requested before.
    virtual void resolve(std::string host, UrlSource source, std::stop_token stop, Done done) = 0;
    /// Answers what waits and what comes later `unavailable`. Does not wait for lookups under way.
    virtual void close() = 0;
};

struct SystemResolverOptions {
    std::size_t threads = 4;  ///< At least 2. One of them never looks up a user's hosts, whose servers may be slow.
    /// Lookups that may wait for a thread, apart for users and the operator. Zones of users' hosts take turns: each has
    /// at most one thread and an eighth of the queue.
    std::size_t queue = 1024;
    std::chrono::milliseconds keep_for{30'000};  ///< How long an answer is used again.
    std::size_t keep_most = 4096;                ///< Names.
};

/// The system's resolver (getaddrinfo), which blocks, on threads of its own. libcurl would start one for each lookup
/// and wait for it when the request is given up. Errors: resource_exhausted, when threads cannot be had.
Result<std::shared_ptr<Resolver>> system_resolver(SystemResolverOptions const& options, std::shared_ptr<Clock> clock);

}  // namespace nexpo::net
