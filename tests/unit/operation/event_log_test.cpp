// SPDX-License-Identifier: Apache-2.0
#include "operation/event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nexpo/id.hpp"
#include "operation/outbox.hpp"
#include "store/store.hpp"
#include "support/access.hpp"
#include "support/test_database.hpp"

namespace nexpo::operation {

std::vector<Migration> const& migrations();

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EventHorizon, OfOneWriterIsItsLastRow) {
    EventHorizon const horizon("", 7);
    EXPECT_EQ(horizon.settled(), (EventPosition{0, 7}));
    EXPECT_FALSE(horizon.is_unsettled());
    EXPECT_TRUE(horizon.had({0, 7}));
    EXPECT_FALSE(horizon.had({0, 8}));
}

TEST(EventHorizon, OfASnapshotEndsBeforeTheOldestThatRuns) {
    EventHorizon const horizon("100:105:100,103", 104);
    EXPECT_LT((EventPosition{99, 1'000}), horizon.settled());
    EXPECT_GT((EventPosition{100, 1}), horizon.settled());
    EXPECT_TRUE(horizon.is_unsettled());
    for (std::int64_t const had : {1, 99, 101, 102, 104}) EXPECT_TRUE(horizon.had({had, 1})) << had;
    for (std::int64_t const had_not : {100, 103, 105, 106}) EXPECT_FALSE(horizon.had({had_not, 1})) << had_not;
    EXPECT_FALSE(EventHorizon("105:105:", 104).is_unsettled());
    EXPECT_FALSE(EventHorizon("105:105:", 0).is_unsettled());
}

/// A database with the tables of the operation room as of some version.
struct Log {
    explicit Log(int version) : store(store::open_store(database.options()).value()) { migrate(version); }

    void migrate(int version) const {
        auto wanted = migrations();
        std::erase_if(wanted, [version](Migration const& migration) { return migration.number > version; });
        store->migrate(wanted).value();
    }
    void write(std::string const& sql) const {
        store
            ->write_and_wait(nexpo::testing::kEverything,
                             [&sql](Transaction& tx, TransactionState&) -> Result<void> {
                                 auto done = tx.execute(sql, {});
                                 if (!done) return std::move(done).error();
                                 return {};
                             })
            .value();
    }
    void add(std::string const& id, std::string const& organization = "org_1") const {
        write("INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at) VALUES ('" + id +
              "', '" + organization + "', 'note.added', '{}', 'req_1', {{sqlite 0}}{{postgresql 'epoch'}})");
    }
    std::vector<std::string> read(EventPosition after, std::string const& organization = {}) const {
        std::vector<std::string> ids;
        auto const done = store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
            auto const horizon = EventLog::look(read).value();
            auto const events = EventLog::read(read, after, horizon.settled(), organization, 100).value();
            for (auto const& logged : events) ids.push_back(logged.event.id);
            return {};
        });
        done.value();
        return ids;
    }
    EventPosition find(std::string const& id) const {
        EventPosition position;
        auto const done = store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
            position = EventLog::find(read, id, "org_1").value().value();
            return {};
        });
        done.value();
        return position;
    }

    nexpo::testing::TestDatabase database;
    std::unique_ptr<store::Store> store;
};

TEST(EventLog, KeepsTheEventsOfTheVersionBefore) {
    Log const log(6);
    for (auto const* id : {"evt_1", "evt_2", "evt_3"}) log.add(id);
    log.migrate(7);
    log.add("evt_0");
    EXPECT_THAT(log.read({}), ElementsAre("evt_1", "evt_2", "evt_3", "evt_0"));
    EXPECT_THAT(log.read(log.find("evt_2")), ElementsAre("evt_3", "evt_0"));
}

TEST(EventLog, NeverGivesANumberTwice) {
    Log const log(7);
    auto const old = make_id("evt", Timestamp(), *system_random());
    log.add(old);
    log.write("DELETE FROM outbox_events");
    log.add(old);
    auto const position = log.find(old);
    log.store
        ->write_and_wait(nexpo::testing::kEverything,
                         [](Transaction& tx, TransactionState&) -> Result<void> {
                             auto pruned = prune_outbox(tx, system_clock()->now(), 100);
                             if (!pruned) return std::move(pruned).error();
                             return {};
                         })
        .value();
    log.add("evt_new");
    EXPECT_THAT(log.read(position), ElementsAre("evt_new"));
}

TEST(EventLog, MarksHowFarALookGoes) {
    Log const log(7);
    for (int i = 1; i <= 5; ++i) log.add("evt_" + std::to_string(i));
    auto const mark = [&](EventPosition after, std::int64_t events) {
        std::optional<EventPosition> found;
        auto const done = log.store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
            auto const until = EventLog::look(read).value().settled();
            auto const marked = EventLog::mark(read, after, until, events).value();
            if (marked) found = marked->position;
            return {};
        });
        done.value();
        return found;
    };
    EXPECT_EQ(mark({}, 2), log.find("evt_2"));
    EXPECT_EQ(mark(log.find("evt_2"), 3), log.find("evt_5"));
    EXPECT_EQ(mark(log.find("evt_2"), 4), std::nullopt) << "fewer are left";
}

TEST(EventLog, ShowsTheEventsOfOneOrganization) {
    Log const log(7);
    log.add("evt_1");
    log.add("evt_2", "org_2");
    EXPECT_THAT(log.read({}, "org_1"), ElementsAre("evt_1"));
    EXPECT_THAT(log.read({}, "org_3"), IsEmpty());
    EXPECT_THAT(log.read({}), ElementsAre("evt_1", "evt_2"));
}

}  // namespace

}  // namespace nexpo::operation
