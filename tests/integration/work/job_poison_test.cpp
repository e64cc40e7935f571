// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "integration/database.hpp"
#include "integration/work/eventually.hpp"
#include "integration/work/tasks.hpp"
#include "support/access.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;

struct Anything {
    Json data{};
};

StructType describe(Type<Anything>) {
    return structure<Anything>("Anything", field("data", &Anything::data));
}

Json nested(int levels) {
    Json json(1);
    for (int i = 0; i < levels; ++i) json = Json(Json::Array{std::move(json)});
    return json;
}

/// Adds `any.keep`, a kind that answers what it takes, and `any.start`.
void keep_anything(Config& config, JobKind&) {
    config.jobs.add<Anything, Anything>({.name = "any.keep"},
                                        [](JobRun&, Anything const& any) -> Reply<Anything> { return any; });
    config.jobs.add<Empty, Anything>({.name = "any.nest"},
                                     [](JobRun&, Empty const&) -> Reply<Anything> { return Anything{nested(1'000)}; });
    config.operations.add<Anything, Queued>(
        {.info = {.name = "any.start", .kind = OperationKind::mutation, .permission = "tasks:write"},
         .handler = [](Call& call, Anything const& any) -> Reply<Queued> {
             return call.write([any](Transaction& tx) -> Result<Queued> {
                 auto id = tx.enqueue("any.keep", any, {});
                 if (!id) return std::move(id).error();
                 return Queued{*id};
             });
         }});
    config.operations.add<Empty, Queued>(
        {.info = {.name = "any.begin", .kind = OperationKind::mutation, .permission = "tasks:write"},
         .handler = [](Call& call, Empty const&) -> Reply<Queued> {
             return call.write([](Transaction& tx) -> Result<Queued> {
                 auto id = tx.enqueue("any.nest", Empty{}, {});
                 if (!id) return std::move(id).error();
                 return Queued{*id};
             });
         }});
}

TEST(JobPoison, InputsThatNestDeeplyHoldNobodyUp) {
    TasksBackend const tasks(keep_anything);
    auto const deep = tasks.acme().call<Queued>("any.start", Anything{nested(60)});
    ASSERT_TRUE(deep);
    auto const too_deep = tasks.acme().call<Queued>("any.start", Anything{nested(1'000)});
    ASSERT_FALSE(too_deep) << "nobody could read it again";
    EXPECT_EQ(too_deep.error().code, Errc::invalid_argument);
    auto const other = tasks.start("other");
    auto const worked = tasks.backend.work({});
    ASSERT_TRUE(worked) << worked.error().message;
    EXPECT_EQ(*worked, 2);
    EXPECT_EQ(tasks.job(deep->id).state, JobState::succeeded);
    EXPECT_EQ(tasks.job(deep->id).result, tasks.job(deep->id).payload);
    EXPECT_EQ(tasks.job(other).state, JobState::succeeded);
}

TEST(JobPoison, ResultsThatNestDeeplyEndTheJobWithACause) {
    TasksBackend const tasks(keep_anything);
    auto const id = tasks.acme().call<Queued>("any.begin", Empty{}).value().id;
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
    EXPECT_EQ(tasks.job(id).cause, "result_invalid");
}

TEST(JobPoison, AnotherVersionsInputThatCannotBeReadHoldsNobodyUp) {
    TasksBackend const tasks(keep_anything);
    auto const id = tasks.acme().call<Queued>("any.start", Anything{Json(1)}).value().id;
    Database(tasks.test).execute("UPDATE jobs SET payload = '{\"data\":" + nested(2'000).dump() + "}'");
    auto const other = tasks.start("other");
    auto const worked = tasks.backend.work({});
    ASSERT_TRUE(worked) << worked.error().message;
    EXPECT_EQ(tasks.job(other).state, JobState::succeeded);
    EXPECT_EQ(Database(tasks.test).rows<std::string>("SELECT cause FROM jobs WHERE id = '" + id + "'").front(),
              "payload_invalid");
}

TEST(JobPoison, AnErrorThatAsksToWaitForEverHoldsNobodyUp) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [&](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::unavailable, "busy", "", {}, std::chrono::milliseconds::max()};
    };
    auto const id = tasks.start("a");
    ASSERT_EQ(tasks.work(), 1);
    auto const found = tasks.acme().jobs().get({.id = id});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->state, JobState::scheduled);
    EXPECT_GT(found->run_at, tasks.test.clock->now() + 24h);
    auto const worked = tasks.backend.work({});
    ASSERT_TRUE(worked) << worked.error().message;
    EXPECT_EQ(*worked, 0);
}

TEST(JobFaults, WorkersThatCannotTakeJobsSayItOnceAndWait) {
    TasksBackend const tasks;
    Database const database(tasks.test);
    auto const id = tasks.start("a", {.run_at = tasks.test.clock->now(), .concurrency_key = "key"});
    database.execute("ALTER TABLE job_slots RENAME TO job_slots_away");
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    auto const said = [&] {
        return std::ranges::count_if(tasks.test.log->lines(), [](std::string const& line) {
            return line.find("jobs cannot be taken") != line.npos;
        });
    };
    EXPECT_TRUE(eventually([&] { return said() > 0; }));
    for (int i = 0; i < 5'000; ++i) database.count("jobs");
    EXPECT_EQ(said(), 1);
    database.execute("ALTER TABLE job_slots_away RENAME TO job_slots");
    EXPECT_TRUE(eventually([&] { return tasks.job(id).state == JobState::succeeded; }));
    working.close();
}

// PostgreSQL: one worker looks at due jobs while another one has those before them in hand.
TEST(JobRaces, AnOrderedJobDoesNotPassThoseThatAnotherNodeIsMoving) {
    if (!testing::on_postgresql()) GTEST_SKIP() << "SQLite has one writer";
    TasksBackend const tasks;
    JobOptions const ordered{.run_at = tasks.test.clock->now(), .concurrency_key = "key", .ordered = true};
    auto const first = tasks.start("first", ordered);
    auto const second = tasks.start("second", ordered);
    Database const database(tasks.test);
    database.write([&](Transaction& tx) -> Result<void> {
        auto locked = tx.one<std::string>("SELECT id FROM jobs WHERE id = $1 FOR UPDATE", {first});
        if (!locked) return std::move(locked).error();
        EXPECT_EQ(tasks.work(), 0) << "the first one comes first";
        return {};
    });
    EXPECT_EQ(tasks.work(), 2);
    EXPECT_LE(tasks.job(first).finished_at, tasks.job(second).started_at);
}

}  // namespace
}  // namespace nexpo
