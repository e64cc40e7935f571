// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sql_session.hpp"
#include "store/store.hpp"
#include "support/access.hpp"
#include "support/test_database.hpp"

namespace nexpo::store_sample {

using store::Store;

/// A store on a database of its own, used by the role that owns it, with a table `items (name TEXT PRIMARY KEY, data
/// BLOB)`.
struct TestStore {
    explicit TestStore(store::StoreOptions options = {}) {
        options = database.options(std::move(options));
        options.owner_url = Secret();
        options.url = url();
        store = store::open_store(std::move(options)).value();
        store->migrate(migrations).value();
    }

    std::string url() const { return nexpo::testing::on_postgresql() ? database.owner_url() : database.url(); }

    /// Runs one statement in a transaction of its own.
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<SqlParam> params = {}) const {
        std::int64_t changed = 0;
        auto done =
            store->write_and_wait(nexpo::testing::kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                auto result = tx.execute(sql, params);
                if (!result) return std::move(result).error();
                changed = *result;
                return {};
            });
        if (!done) return std::move(done).error();
        return changed;
    }

    template <class T>
    Result<std::optional<T>> one(std::string_view sql, std::initializer_list<SqlParam> params = {}) const {
        std::optional<T> row;
        auto done = store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
            auto result = read.one<T>(sql, params);
            if (!result) return std::move(result).error();
            row = std::move(*result);
            return {};
        });
        if (!done) return std::move(done).error();
        return row;
    }

    template <class T>
    Result<std::vector<T>> all(std::string_view sql, std::initializer_list<SqlParam> params = {}) const {
        std::vector<T> rows;
        auto done = store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
            auto result = read.all<T>(sql, params);
            if (!result) return std::move(result).error();
            rows = std::move(*result);
            return {};
        });
        if (!done) return std::move(done).error();
        return rows;
    }

    std::vector<std::string> names() const { return all<std::string>("SELECT name FROM items ORDER BY name").value(); }

    nexpo::testing::TestDatabase database;
    std::vector<Migration> migrations{
        {"sample", 1, "items", "CREATE TABLE items (name {{text}} PRIMARY KEY, data {{bytes}}) {{strict}};"}};
    std::unique_ptr<Store> store;
};

/// A closure that inserts one item of the given size.
inline Store::WriteClosure insert(std::string name, std::size_t size = 0) {
    return [name = std::move(name), size](Transaction& tx, TransactionState&) -> Result<void> {
        auto done = tx.execute("INSERT INTO items (name, data) VALUES ($1, $2)", {name, Bytes(size, 'x')});
        if (!done) return std::move(done).error();
        return {};
    };
}

/// Writes that wait behind a closure until `commit`, so that they form one group.
class Group {
 public:
    explicit Group(Store& store) : store_(store) {
        auto started = started_.get_future();
        store_.write(
            nexpo::testing::kEverything,
            [this, go = go_.get_future().share()](Transaction&, TransactionState&) -> Result<void> {
                if (!std::exchange(begun_, true)) started_.set_value();  // it may run again
                go.wait();
                return {};
            },
            [this](Result<void> result) { first_.set_value(std::move(result)); });
        started.wait();
    }

    void add(Store::WriteClosure closure) {
        auto& promise = promises_.emplace_back(std::make_unique<std::promise<Result<void>>>());
        store_.write(nexpo::testing::kEverything, std::move(closure),
                     [&promise = *promise](Result<void> result) { promise.set_value(result); });
    }

    /// The answers in order.
    std::vector<Result<void>> commit() {
        go_.set_value();
        EXPECT_TRUE(first_.get_future().get());
        std::vector<Result<void>> results;
        for (auto const& promise : promises_) results.push_back(promise->get_future().get());
        return results;
    }

 private:
    Store& store_;
    bool begun_ = false;
    std::promise<void> started_;
    std::promise<void> go_;
    std::promise<Result<void>> first_;
    std::vector<std::unique_ptr<std::promise<Result<void>>>> promises_;
};

}  // namespace nexpo::store_sample
