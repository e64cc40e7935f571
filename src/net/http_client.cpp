// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "net/address_guard.hpp"
#include "net/http_engine.hpp"
#include "net/http_error.hpp"
#include "net/request_rules.hpp"
#include "net/transfers.hpp"
#include "net/url.hpp"

namespace nexpo::net {

namespace {

Result<void> check(HttpClientOptions const& options) {
    for (auto const time : {options.circuit.window, options.circuit.open_for, options.resolving.keep_for}) {
        if (time.count() < 0 || time > kLongestTime) return options_invalid("A time is negative or longer than a day.");
    }
    if (auto checked = check_retry(options.retry); !checked) return options_invalid(checked.error().message);
    return {};
}

}  // namespace

HttpClient::~HttpClient() {
    close();
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(HttpClientOptions options) {
    if (auto checked = check(options); !checked) return checked.error();
    auto guard = AddressGuard::create(options.allowed_networks, options.allowed_hosts);
    if (!guard) return guard.error();
    std::optional<Proxy> proxy;
    if (!options.proxy.empty()) {
        auto parsed = parse_proxy(options.proxy);
        if (!parsed) return parsed.error();
        proxy = std::move(*parsed);
    }
    if (!options.clock) options.clock = system_clock();
    if (!options.random) options.random = system_random();
    if (!options.resolver) {
        auto resolver = system_resolver(options.resolving, options.clock);
        if (!resolver) return resolver.error();
        options.resolver = std::move(*resolver);
    }
    std::unique_ptr<HttpClient> client(new HttpClient);
    std::shared_ptr<HttpEngine> users;
    for (auto const source : {UrlSource::user, UrlSource::configuration}) {
        auto transfers = Transfers::create({.proxy = proxy,
                                            .ca_file = options.ca_file,
                                            .user_agent = "nexpo/" NEXPO_VERSION,
                                            .max_connections = options.max_connections,
                                            .max_connections_per_host = options.max_connections_per_host,
                                            .max_idle_connections = options.max_idle_connections},
                                           *guard);
        if (!transfers) return transfers.error();
        auto engine = std::make_shared<HttpEngine>(options, *guard, std::move(*transfers), users);
        if (auto started = engine->start(); !started) return started.error();
        if (source == UrlSource::user) users = engine;
        client->engines_[static_cast<std::size_t>(source)] = std::move(engine);
    }
    return client;
}

bool HttpClient::on_own_thread() const noexcept {
    return std::ranges::any_of(engines_, [](auto const& engine) { return engine->on_own_thread(); });
}

void HttpClient::send(HttpRequest request, Done done) {
    auto const source = static_cast<std::size_t>(request.source);
    engines_[source]->send(std::move(request), std::move(done));
}

Result<HttpResponse> HttpClient::send(HttpRequest request) {
    if (on_own_thread()) {
        return Error{.code = Errc::failed_precondition,
                     .reason = "would_block",
                     .message = "A completion must not wait for another request."};
    }
    struct Waiter {
        std::mutex mutex;
        std::condition_variable answered;
        std::optional<Result<HttpResponse>> outcome;
    };
    auto const waiter = std::make_shared<Waiter>();
    send(std::move(request), [waiter](Result<HttpResponse> outcome) {
        std::lock_guard const lock(waiter->mutex);
        waiter->outcome = std::move(outcome);
        waiter->answered.notify_one();
    });
    std::unique_lock lock(waiter->mutex);
    waiter->answered.wait(lock, [&waiter] { return waiter->outcome.has_value(); });
    return std::move(*waiter->outcome);
}

HttpClientStats HttpClient::stats() const {
    HttpClientStats stats;
    for (auto const& engine : engines_) engine->add_to(stats);
    return stats;
}

void HttpClient::wake() {
    for (auto const& engine : engines_) engine->wake();
}

void HttpClient::close() {
    for (auto const& engine : engines_) {
        if (engine) engine->close();  // there is none yet when the client could not be made
    }
}

}  // namespace nexpo::net
