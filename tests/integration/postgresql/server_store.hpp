// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "nexpo/testing/log.hpp"
#include "store/store.hpp"
#include "support/access.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::inline v1::testing {

/// A table `items (name)` on a PostgreSQL server, through the store.
class ServerStore {
 public:
    explicit ServerStore(store::StoreOptions options) : store_(open(std::move(options)).value()) {
        store_->migrate(migrations()).value();
    }

    static std::vector<Migration> migrations() {
        return {{"sample", 1, "items", "CREATE TABLE items (name {{text}} PRIMARY KEY) {{strict}};"}};
    }
    static Result<std::unique_ptr<store::Store>> open(store::StoreOptions options) {
        if (!options.clock) options.clock = system_clock();
        return store::open_store(std::move(options));
    }

    store::Store& operator*() const noexcept { return *store_; }
    store::Store* operator->() const noexcept { return store_.get(); }

    Result<void> add(std::string name, std::string caller = {}) const {
        return store_->write_and_wait({store::Scope::installation(), std::move(caller)},
                                      [name = std::move(name)](Transaction& tx, TransactionState&) -> Result<void> {
                                          auto done = tx.execute("INSERT INTO items VALUES ($1)", {name});
                                          if (!done) return std::move(done).error();
                                          return {};
                                      });
    }
    template <class T>
    Result<T> one(std::string_view sql, std::string caller = {}, store::ReadLimits const& limits = {}) const {
        T value{};
        auto const read =
            store_->read({store::Scope::installation(), std::move(caller)}, limits, [&](Read& at) -> Result<void> {
                auto found = at.one<T>(sql, {});
                if (!found) return std::move(found).error();
                value = **found;
                return {};
            });
        if (!read) return read.error();
        return value;
    }
    Result<std::int64_t> count(std::string caller = {}) const {
        return one<std::int64_t>("SELECT count(*) FROM items", std::move(caller));
    }

 private:
    std::unique_ptr<store::Store> store_;
};

/// Tries again, without waiting for a fixed time, until it is true or a minute is over.
template <class F>
bool eventually(F&& condition) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
        if (condition()) return true;
        std::this_thread::yield();
    }
    return false;
}

}  // namespace nexpo::inline v1::testing
