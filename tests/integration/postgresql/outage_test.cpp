// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stop_token>

#include "integration/postgresql/server_store.hpp"

namespace nexpo::inline v1::testing {

namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::Not;

constexpr auto kSlow = "SELECT count(*) FROM generate_series(1, 100000000000)";

/// Reads and writes on several threads until it is destroyed; knows which writes were answered and what went wrong.
class Load {
 public:
    explicit Load(ServerStore const& store) {
        for (int thread = 0; thread < 4; ++thread) {
            threads_.emplace_back([this, &store, thread](std::stop_token const& stop) {
                for (int i = 0; !stop.stop_requested(); ++i) {
                    auto const name = std::to_string(thread) + "-" + std::to_string(i);
                    note(store.add(name), name);
                    auto const read = store.count();
                    note(read ? Result<void>() : read.error(), {});
                }
            });
        }
    }

    void end() { threads_.clear(); }
    std::size_t answered() {
        std::lock_guard const lock(mutex_);
        return written_.size();
    }
    std::set<std::string> written() {
        std::lock_guard const lock(mutex_);
        return written_;
    }
    std::set<std::string> take_errors() {
        std::lock_guard const lock(mutex_);
        return std::exchange(errors_, {});
    }
    std::size_t errors() {
        std::lock_guard const lock(mutex_);
        return errors_.size();
    }
    /// Lets some more writes be answered.
    bool goes_on() {
        auto const before = answered();
        return eventually([&] { return answered() > before + 50; });
    }

 private:
    void note(Result<void> const& result, std::string const& name) {
        std::lock_guard const lock(mutex_);
        if (!result) {
            errors_.insert(result.error().code == Errc::unavailable ? result.error().reason : result.error().message);
        } else if (!name.empty()) {
            written_.insert(name);
        }
    }

    std::mutex mutex_;
    std::set<std::string> written_;
    std::set<std::string> errors_;
    std::vector<std::jthread> threads_;
};

std::set<std::string> stored(ServerStore const& store) {
    std::set<std::string> names;
    EXPECT_TRUE(store->read(kEverything, {}, [&](Read& read) -> Result<void> {
        auto all = read.all<std::string>("SELECT name FROM items", {});
        if (!all) return std::move(all).error();
        names = {all->begin(), all->end()};
        return {};
    }));
    return names;
}

TEST(PostgresOutage, ErrorsLastOnlyAsLongAsTheServerIsAway) {
    PostgresServer const server;
    ServerStore const store({.url = server.url("postgres", "postgres"), .readers = 3, .writers = 3});
    Load load(store);
    for (char const* mode : {"fast", "immediate"}) {
        ASSERT_TRUE(load.goes_on());
        EXPECT_THAT(load.take_errors(), IsEmpty());
        server.stop(mode);
        ASSERT_TRUE(eventually([&] { return load.errors() > 0; }));
        server.start();
        ASSERT_TRUE(load.goes_on()) << "without opening it again";
        EXPECT_THAT(load.take_errors(), IsSubsetOf({"database_unavailable", "commit_unknown"}));
        ASSERT_TRUE(load.goes_on());
    }
    load.end();
    EXPECT_THAT(load.take_errors(), IsEmpty());
    auto const names = stored(store);
    for (auto const& name : load.written()) EXPECT_TRUE(names.contains(name)) << name << " was answered and is lost";
}

TEST(PostgresOutage, ARestartBetweenTwoCallsIsNotNoticed) {
    PostgresServer const server;
    ServerStore const store({.url = server.url("postgres", "postgres"), .readers = 2, .writers = 2});
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(store.add(std::to_string(i)));
        ASSERT_EQ(store.count().value(), i + 1);
        server.stop();
        server.start();
    }
    auto const count = store.count();
    EXPECT_TRUE(count) << count.error().message;
}

TEST(PostgresOutage, AnEndedSessionIsReplaced) {
    PostgresServer const server;
    ServerStore const store({.url = server.url("postgres", "postgres"), .readers = 1, .writers = 1});
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(store.add(std::to_string(i)));
        ASSERT_TRUE(store.count());
        server.run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'nexpo'");
    }
}

TEST(PostgresOutage, AServerThatIsAwayAtTheStartIsNamed) {
    auto const opened = ServerStore::open({.url = "postgresql://ada:hunter2@/app?host=/nowhere"});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unavailable);
    EXPECT_THAT(opened.error().message, HasSubstr("/nowhere"));
    EXPECT_THAT(opened.error().message, Not(HasSubstr("hunter2")));
}

TEST(PostgresOutage, FollowsTheServerThatTakesOver) {
    PostgresServer const first({"wal_level=replica"});
    auto const second = PostgresServer::standby_of(first);
    auto const log = std::make_shared<MemoryLog>(LogLevel::info);
    ServerStore const store({.url = "postgresql://postgres@/postgres?host=" + first.directory() + "," +
                                    second.directory() + "&connect_timeout=5",
                             .readers = 2,
                             .writers = 2,
                             .log = telemetry::Logger(log, system_clock())});
    ASSERT_TRUE(store.add("before"));
    ASSERT_TRUE(eventually([&] {
        return second.run("SELECT count(*) FROM pg_class WHERE relname = 'items'") == "1" &&
               second.run("SELECT count(*) FROM items") == "1";
    }));
    first.stop("immediate");
    EXPECT_EQ(store.add("while nobody writes").error().code, Errc::unavailable) << "a standby is no substitute";
    second.promote();
    ASSERT_TRUE(eventually([&] { return store.add("after").has_value(); }));
    EXPECT_EQ(store.count().value(), 2);
}

TEST(PostgresOutage, WritersShareTheConnectionsThatTheServerHas) {
    // One is left for the super-user.
    PostgresServer const server(
        {"max_connections=5", "superuser_reserved_connections=1", "max_wal_senders=0", "wal_level=minimal"});
    server.run("CREATE DATABASE app OWNER nexpo_owner");
    ServerStore const store({.url = server.url("nexpo_owner", "app"), .readers = 8, .writers = 8});
    std::atomic<int> failed = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 12; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 20; ++i) {
                    if (!store.add(std::to_string(thread) + "-" + std::to_string(i))) ++failed;
                    if (!store.count()) ++failed;
                }
            });
        }
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(store.count().value(), 240);
    EXPECT_LE(store->stats().connections, 4U);
}

TEST(PostgresOutage, SaysSoWhenThereIsNoConnectionAtAll) {
    PostgresServer const server({"max_connections=4", "superuser_reserved_connections=1", "max_wal_senders=0"});
    server.run("CREATE DATABASE app OWNER nexpo_owner");
    server.run("ALTER ROLE nexpo_owner CONNECTION LIMIT 0");
    auto const busy = ServerStore::open({.url = server.url("nexpo_owner", "app")});
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().reason, "database_busy");
    EXPECT_TRUE(busy.error().retry_after);
}

TEST(PostgresOutage, AStoppedCallEndsItsStatementOnTheServer) {
    PostgresDatabase const database;
    ServerStore const store({.url = database.url("nexpo_owner"), .readers = 1});
    std::stop_source stop;
    std::jthread const stopper([&] {
        EXPECT_TRUE(eventually([&] {
            return database.run(
                       "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname ="
                       " current_database() AND query LIKE '%generate_series(1, 1%' AND pid <>"
                       " pg_backend_pid()") == "1";
        }));
        stop.request_stop();
    });
    EXPECT_EQ(store.one<std::int64_t>(kSlow, {}, {.stop = stop.get_token()}).error().code, Errc::cancelled);
    EXPECT_EQ(store.one<std::int64_t>(kSlow, {}, {.deadline = std::chrono::steady_clock::now() + 20ms}).error().code,
              Errc::deadline_exceeded);
    EXPECT_TRUE(store.count());
    EXPECT_TRUE(eventually([&] {
        return database.run(
                   "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name ="
                   " 'nexpo' AND datname = current_database()") == "0";
    }));
}

TEST(PostgresOutage, ADeadlineHoldsForAServerThatIsSilent) {
    PostgresServer const server;
    ServerStore const store({.url = server.url("postgres", "postgres"), .readers = 1, .writers = 1});
    ASSERT_TRUE(store.count());
    server.freeze();
    auto const started = std::chrono::steady_clock::now();
    auto const late = store.one<std::int64_t>("SELECT count(*) FROM items", {}, {.deadline = started + 50ms});
    server.thaw();
    EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
    EXPECT_TRUE(eventually([&] { return store.count().has_value(); }));
}

}  // namespace

}  // namespace nexpo::inline v1::testing
