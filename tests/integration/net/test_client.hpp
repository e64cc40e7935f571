// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "net/http_client.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/random.hpp"

namespace nexpo::net {

/// Values that one thread puts in and another waits for.
template <class T>
class Mailbox {
 public:
    void put(T value) {
        std::lock_guard const lock(mutex_);
        values_.push_back(std::move(value));
        arrived_.notify_all();
    }
    T take() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !values_.empty(); });
        T value = std::move(values_.front());
        values_.pop_front();
        return value;
    }
    std::size_t size() const {
        std::lock_guard const lock(mutex_);
        return values_.size();
    }

 private:
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<T> values_;
};

/// A resolver that answers from a table, at once.
class TableResolver final : public Resolver {
 public:
    void set(std::string const& host, std::vector<std::string> const& addresses) {
        std::lock_guard const lock(mutex_);
        table_[host] = addresses;
    }
    int lookups() const {
        std::lock_guard const lock(mutex_);
        return lookups_;
    }
    void resolve(std::string host, UrlSource, std::stop_token, Done done) override {
        std::vector<IpAddress> addresses;
        {
            std::lock_guard const lock(mutex_);
            ++lookups_;
            for (auto const& text : table_[host]) addresses.push_back(IpAddress::parse(text).value());
        }
        if (addresses.empty()) return done(Error{.code = Errc::unavailable, .reason = "name_not_resolved"});
        done(std::move(addresses));
    }
    void close() override {}

 private:
    mutable std::mutex mutex_;
    int lookups_ = 0;
    std::map<std::string, std::vector<std::string>> table_;
};

/// A client on a clock that is moved by hand, with names of its own.
struct TestClient {
    explicit TestClient(HttpClientOptions options = {}) {
        options.clock = clock;
        options.random = std::make_shared<testing::SeededRandom>(7);
        if (!options.resolver) options.resolver = resolver;
        options.on_retry = [mailbox = retries](RetryNotice const& notice) { mailbox->put(notice.wait); };
        client = HttpClient::create(std::move(options)).value();
    }

    /// The operator's URL, so that this machine may be reached.
    static HttpRequest request(std::string url) { return {.url = std::move(url), .source = UrlSource::configuration}; }

    Result<HttpResponse> get(std::string url) const { return client->send(request(std::move(url))); }

    /// Sends without waiting.
    std::shared_ptr<Mailbox<Result<HttpResponse>>> begin(HttpRequest request) const {
        auto outcome = std::make_shared<Mailbox<Result<HttpResponse>>>();
        client->send(std::move(request), [outcome](Result<HttpResponse> result) { outcome->put(std::move(result)); });
        return outcome;
    }

    void advance(std::chrono::microseconds step) const {
        clock->advance(step);
        client->wake();
    }

    /// Waits until a repeat is planned, and lets the time until then pass.
    std::chrono::milliseconds let_retry() const {
        auto const wait = retries->take();
        advance(wait);
        return wait;
    }

    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<TableResolver> resolver = std::make_shared<TableResolver>();
    std::shared_ptr<Mailbox<std::chrono::milliseconds>> retries =
        std::make_shared<Mailbox<std::chrono::milliseconds>>();
    std::unique_ptr<HttpClient> client;
};

inline std::string reason(Result<HttpResponse> const& outcome) {
    return outcome ? "status " + std::to_string(outcome->status) : outcome.error().reason;
}

}  // namespace nexpo::net
