// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <random>
#include <set>
#include <thread>

#include "integration/database.hpp"
#include "integration/notes.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using testing::TestBackend;

constexpr auto kLong = 30s;

/// `slow.note` emits a note after its transaction has begun and waited, and waits once more before it commits.
void add_slow_notes(Config& config) {
    config.threads.writers = 8;
    config.operations.add<AddNote, Note>(
        {.info = {.name = "slow.note",
                  .kind = OperationKind::mutation,
                  .permission = "notes:write",
                  .emits = {event<Note>("note.added")}},
         .handler = [](Call& call, AddNote const& input) -> Reply<Note> {
             Note const note{.id = call.new_id("note"), .text = input.text, .stars = input.stars};
             return call.write([note](Transaction& tx) -> Result<Note> {
                 auto begun = tx.one<std::string>("SELECT CAST(pg_current_xact_id() AS text)", {});
                 if (!begun) return std::move(begun).error();
                 auto slept = tx.one<std::string>("SELECT CAST(pg_sleep($1 * random()) AS text)",
                                                  {static_cast<double>(note.stars) / 100});
                 if (!slept) return std::move(slept).error();
                 tx.emit("note.added", note);
                 return note;
             });
         }});
}

std::string text_of(Event const& event) {
    return *event.payload.find("text")->if_string();
}

Result<Note> add(Backend const& backend, std::string text, std::int64_t stars) {
    return backend.as_system("acme").call<Note>("slow.note", AddNote{.text = std::move(text), .stars = stars});
}

/// A transaction of somebody else's on the same server, which began and does not end before it is told to.
class OpenTransaction {
 public:
    explicit OpenTransaction(TestBackend const& test)
        : store_(store::open_store({.url = test.database.owner_url(), .clock = test.clock, .writers = 1}).value()) {
        store_->write(
            testing::kEverything,
            [this](Transaction& tx, TransactionState&) -> Result<void> {
                auto begun = tx.one<std::string>("SELECT CAST(pg_current_xact_id() AS text)", {});
                if (!begun) return std::move(begun).error();
                begun_.set_value();
                end_.get_future().wait();
                return {};
            },
            [this](Result<void> const& ended) { ended_.set_value(ended.has_value()); });
        begun_.get_future().wait();
    }
    bool end() {
        end_.set_value();
        return ended_.get_future().get();
    }

 private:
    std::promise<void> begun_;
    std::promise<void> end_;
    std::promise<bool> ended_;
    std::unique_ptr<store::Store> store_;
};

TEST(PostgresEventOrder, WaitsForTransactionsThatBeganEarlier) {
    TestBackend const test(add_slow_notes);
    add(test.backend, "before", 0).value();
    auto const subscription = test.backend.as_system("acme").events().subscribe({}).value();
    OpenTransaction earlier(test);
    auto const late = test.backend.as_system("acme").events().subscribe({}).value();
    add(test.backend, "a", 0).value();
    EXPECT_FALSE(subscription.next(300ms).value()) << "something could still be committed before it";
    EXPECT_TRUE(earlier.end());
    for (auto const* one : {&subscription, &late}) {
        auto const event = one->next(kLong).value();
        ASSERT_TRUE(event);
        EXPECT_EQ(text_of(*event), "a");
        EXPECT_FALSE(one->try_next().value());
    }
}

TEST(PostgresEventOrder, WhatWasCommittedBeforeIsNotLiveAlthoughItWasNotSettled) {
    TestBackend const test(add_slow_notes);
    OpenTransaction earlier(test);
    add(test.backend, "before", 0).value();
    auto const subscription = test.backend.as_system("acme").events().subscribe({}).value();
    add(test.backend, "after", 0).value();
    EXPECT_TRUE(earlier.end());
    auto const event = subscription.next(kLong).value();
    ASSERT_TRUE(event);
    EXPECT_EQ(text_of(*event), "after");
}

TEST(PostgresEventOrder, EventsOfAnotherServersDatabaseComeFirst) {
    TestBackend const test(add_slow_notes);
    auto const first = test.backend.as_system("acme").call<Note>("slow.note", AddNote{.text = "restored"});
    ASSERT_TRUE(first);
    // As if the database had been restored from a server that had done much more.
    Database const database(test);
    database.execute("UPDATE outbox_events SET xid = xid + 1000000000");
    auto const id = database.rows<std::string>("SELECT id FROM outbox_events").front();
    auto const other = Backend::open(test.config(add_slow_notes)).value();
    auto const live = other.as_system("acme").events().subscribe({}).value();
    auto const resumed = other.as_system("acme").events().subscribe({.after = id}).value();
    add(test.backend, "new", 0).value();
    for (auto const* one : {&live, &resumed}) {
        auto const event = one->next(kLong).value();
        ASSERT_TRUE(event);
        EXPECT_EQ(text_of(*event), "new");
        EXPECT_FALSE(one->try_next().value());
    }
}

/// Slow and quick transactions that overtake each other, on two backends; readers that stay, that come back again and
/// again at random, and that read only now and then.
TEST(PostgresEventOrderConcurrency, NothingIsMissedDoubledOrSwapped) {
    TestBackend const test(add_slow_notes);
    auto const other = Backend::open(test.config(add_slow_notes)).value();
    auto const from = test.backend.as_system("acme");
    add(test.backend, "first", 0).value();
    auto const start = Database(test).rows<std::string>("SELECT id FROM outbox_events").front();
    constexpr std::size_t kWriters = 8;
    constexpr std::size_t kEach = 150;
    constexpr std::size_t kAll = kWriters * kEach;

    std::vector<std::future<std::vector<std::string>>> readers;
    for (unsigned number = 0; number < 6; ++number) {
        readers.push_back(std::async(std::launch::async, [&, number] {
            auto const& backend = number % 2 == 0 ? test.backend : other;
            std::mt19937 random(number);
            std::vector<std::string> read;
            auto after = start;
            while (read.size() < kAll) {
                auto const subscription = backend.as_system("acme").events().subscribe({.after = after}).value();
                auto const stays = number < 2 ? kAll : std::uniform_int_distribution<std::size_t>(1, 200)(random);
                for (std::size_t i = 0; i < stays && read.size() < kAll; ++i) {
                    auto const event = subscription.next(kLong).value();
                    if (!event) return read;
                    read.push_back(text_of(*event));
                    after = event->id;
                }
            }
            return read;
        }));
    }
    std::vector<std::thread> writers;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            auto const& backend = writer % 2 == 0 ? test.backend : other;
            for (std::size_t i = 0; i < kEach; ++i) {
                auto const stars = static_cast<std::int64_t>((i + writer) % 4);  // up to 30 ms
                add(backend, std::to_string(writer) + "/" + std::to_string(i), stars).value();
            }
        });
    }
    for (auto& writer : writers) writer.join();
    auto const first = readers[0].get();
    ASSERT_EQ(std::set(first.begin(), first.end()).size(), kAll);
    for (std::size_t i = 1; i < readers.size(); ++i) EXPECT_EQ(readers[i].get(), first) << "reader " << i;
}

}  // namespace
}  // namespace nexpo
