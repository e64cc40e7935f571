// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "integration/database.hpp"
#include "integration/work/tasks.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto schedulable = [](Config&, JobKind& kind) { kind.schedulable = true; };

CreateSchedule every_ten_minutes() {
    Json payload;
    payload.set("text", "tick");
    return {.name = "ticks", .kind = "task.run", .payload = payload, .rule = "*/10 * * * *"};
}

/// The times for which jobs were queued, as minutes after `start`.
std::vector<std::int64_t> minutes(TasksBackend const& tasks, Timestamp start) {
    std::vector<std::int64_t> all;
    for (auto const time :
         Database(tasks.test)
             .rows<Timestamp>(
                 "SELECT scheduled_for FROM jobs WHERE scheduled_for IS NOT NULL ORDER BY scheduled_for")) {
        all.push_back(std::chrono::floor<std::chrono::minutes>(time - start).count());
    }
    return all;
}

/// A full hour, from which schedules count.
Timestamp at_full_hour(TasksBackend const& tasks) {
    auto const hour = std::chrono::ceil<std::chrono::hours>(tasks.test.clock->now());
    tasks.test.clock->advance(hour - tasks.test.clock->now());
    return hour;
}

TEST(Schedules, QueueAJobForEachTime) {
    TasksBackend const tasks(schedulable);
    auto const start = at_full_hour(tasks);
    std::vector<std::optional<Timestamp>> seen;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) {
        seen.push_back(run.scheduled_for());
        return TasksBackend::store(run, task);
    };
    auto const schedule = tasks.acme().schedules().create(every_ten_minutes()).value();
    EXPECT_EQ(schedule.next_at, start + 10min);
    EXPECT_EQ(tasks.work(), 0);
    tasks.test.clock->advance(10min);
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.work(), 0);
    tasks.test.clock->advance(10min + 30s);
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(seen, ElementsAre(start + 10min, start + 20min));
    auto const kept = tasks.acme().schedules().get({.id = schedule.id}).value();
    EXPECT_EQ(kept.last_at, start + 20min);
    EXPECT_EQ(kept.next_at, start + 30min);
    auto const jobs = tasks.acme().jobs().list({}).value().items;
    ASSERT_THAT(jobs, SizeIs(2));
    EXPECT_EQ(jobs[0].schedule_id, schedule.id);
    EXPECT_EQ(jobs[0].scheduled_for, start + 10min);
    EXPECT_EQ(jobs[0].organization_id, tasks.job(jobs[0].id).organization_id);
    EXPECT_THAT(Database(tasks.test).rows<std::string>("SELECT text FROM tasks"), ElementsAre("tick", "tick"));
}

TEST(Schedules, DoWithMissedTimesWhatTheyAreTold) {
    struct Case {
        MissedRuns missed;
        std::vector<std::int64_t> queued;
    };
    for (auto const& [missed, queued] : {Case{MissedRuns::skip, {70}}, Case{MissedRuns::once, {70}},
                                         Case{MissedRuns::all, {10, 20, 30, 40, 50, 60, 70}}}) {
        TasksBackend const tasks(schedulable);
        auto const start = at_full_hour(tasks);
        auto input = every_ten_minutes();
        input.missed = missed;
        auto const id = tasks.acme().schedules().create(input).value().id;
        tasks.test.clock->advance(70min + 20s);
        EXPECT_EQ(tasks.work(), static_cast<std::int64_t>(queued.size()));
        EXPECT_EQ(minutes(tasks, start), queued) << to_word(missed);
        EXPECT_EQ(tasks.acme().schedules().get({.id = id})->next_at, start + 80min);
    }
    for (auto const& [missed, queued] : {Case{MissedRuns::skip, {}}, Case{MissedRuns::once, {70}},
                                         Case{MissedRuns::all, {10, 20, 30, 40, 50, 60, 70}}}) {
        TasksBackend const tasks(schedulable);
        auto const start = at_full_hour(tasks);
        auto input = every_ten_minutes();
        input.missed = missed;
        tasks.acme().schedules().create(input).value();
        tasks.test.clock->advance(75min);
        EXPECT_EQ(tasks.work(), static_cast<std::int64_t>(queued.size()));
        EXPECT_EQ(minutes(tasks, start), queued) << to_word(missed);
    }
}

TEST(Schedules, ThatMissedThousandsOfTimesDealWithAllOfThem) {
    TasksBackend const tasks(schedulable);
    auto input = every_ten_minutes();
    input.missed = MissedRuns::all;
    tasks.acme().schedules().create(input).value();
    tasks.test.clock->advance(24h * 7);
    EXPECT_EQ(tasks.work(), 6 * 24 * 7);
    EXPECT_EQ(Database(tasks.test).count("jobs WHERE scheduled_for IS NOT NULL"), 6 * 24 * 7);
}

TEST(Schedules, WithoutOverlapLeaveOutWhatComesTooEarly) {
    TasksBackend const tasks(schedulable);
    auto const start = at_full_hour(tasks);
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::unavailable, "later", ""};
    };
    auto input = every_ten_minutes();
    input.overlap = false;
    tasks.acme().schedules().create(input).value();
    for (int i = 0; i < 3; ++i) {
        tasks.test.clock->advance(10min);
        tasks.work();
    }
    EXPECT_THAT(minutes(tasks, start), ElementsAre(10));
}

TEST(Schedules, AreFiredOnceHoweverManyLook) {
    TasksBackend const tasks(schedulable);
    auto const start = at_full_hour(tasks);
    auto input = every_ten_minutes();
    input.missed = MissedRuns::all;
    tasks.acme().schedules().create(input).value();
    std::vector<Backend> nodes;
    for (int i = 0; i < 3; ++i) nodes.push_back(tasks.open(schedulable));
    tasks.test.clock->advance(3h);
    std::atomic<std::int64_t> count = 0;
    {
        std::vector<std::jthread> threads;
        for (auto const& node : nodes) {
            for (int i = 0; i < 2; ++i) threads.emplace_back([&] { count += node.work({}).value(); });
        }
    }
    EXPECT_EQ(count, 18);
    EXPECT_EQ(minutes(tasks, start).size(), 18U);
}

TEST(Schedules, ArePausedChangedAndRemoved) {
    TasksBackend const tasks(schedulable);
    auto const start = at_full_hour(tasks);
    auto const schedules = tasks.acme().schedules();
    auto const id = schedules.create(every_ten_minutes()).value().id;
    EXPECT_EQ(schedules.update({.id = id, .paused = true})->next_at, std::nullopt);
    tasks.test.clock->advance(1h);
    EXPECT_EQ(tasks.work(), 0);
    EXPECT_EQ(schedules.update({.id = id, .paused = false})->next_at, start + 70min) << "what was due is not missed";
    auto const changed =
        schedules.update({.id = id, .rule = std::string("0 6 * * *"), .time_zone = std::string("Asia/Kathmandu")})
            .value();
    EXPECT_EQ(changed.next_at, schedules.preview({.rule = "15 0 * * *", .start_at = start + 1h, .count = 1})->times[0]);
    EXPECT_EQ(schedules.update({.id = id, .rule = std::string("61 * * * *")}).error().reason, "schedule_rule_invalid");
    EXPECT_EQ(schedules.get({.id = id})->rule, "0 6 * * *");
    auto const ran = schedules.run({.id = id}).value();
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(ran.job_id).state, JobState::succeeded);
    ASSERT_TRUE(schedules.remove({.id = id}));
    EXPECT_EQ(schedules.get({.id = id}).error().reason, "schedule_not_found");
    tasks.test.clock->advance(48h);
    EXPECT_EQ(tasks.work(), 0);
}

TEST(Schedules, RefuseWhatIsNotValid) {
    TasksBackend const tasks(schedulable);
    auto const schedules = tasks.acme().schedules();
    auto const refusal = [&](auto change) {
        auto input = every_ten_minutes();
        change(input);
        auto const created = schedules.create(input);
        return created ? "" : created.error().reason + " " + created.error().violations.at(0).field;
    };
    EXPECT_EQ(refusal([](auto& input) { input.rule = "* * * *"; }), "schedule_rule_invalid /rule");
    EXPECT_EQ(refusal([](auto& input) { input.rule = "0 0 30 2 *"; }), "schedule_never_due /rule");
    EXPECT_EQ(refusal([](auto& input) { input.time_zone = "Mars/Olympus"; }), "time_zone_unknown /time_zone");
    EXPECT_EQ(refusal([](auto& input) { input.kind = "task.walk"; }), "validation_failed /kind");
    EXPECT_EQ(refusal([](auto& input) { input.name = ""; }), "validation_failed /name");
    EXPECT_EQ(refusal([](auto& input) { input.payload = Json(Json::Object{}); }), "validation_failed /payload/text");
    EXPECT_EQ(refusal([](auto& input) { input.payload.set("colour", "red"); }), "validation_failed /payload/colour");
    EXPECT_EQ(refusal([](auto& input) { input.payload.set("text", std::string(1'100'000, 'x')); }),
              "validation_failed /payload");
    EXPECT_EQ(refusal([](auto& input) { input.payload.set("text", std::string("a\0b", 3)); }),
              "validation_failed /payload/text");
    ASSERT_TRUE(schedules.create(every_ten_minutes()));
    EXPECT_EQ(refusal([](auto&) {}), "schedule_name_taken /name");
    auto const other = tasks.backend.as_system("other").schedules();
    ASSERT_TRUE(other.create(every_ten_minutes())) << "names are the organization's own";
    EXPECT_EQ(schedules.get({.id = other.list({})->items.at(0).id}).error().reason, "schedule_not_found");
}

TEST(Schedules, AreForKindsThatPeopleMaySchedule) {
    TasksBackend const tasks;
    auto const owner = tasks.test.sign_up("ada@example.com");
    auto const people = tasks.backend.authenticate(Secret(owner.access_token)).value().schedules();
    auto const refused = people.create(every_ten_minutes());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().violations.at(0).rule, "schedulable");
    EXPECT_TRUE(tasks.acme().schedules().create(every_ten_minutes())) << "the application itself may";
}

Result<Backend> open_declaring(TasksBackend const& tasks, std::string const& rule,
                               std::string const& name = "nightly") {
    auto config = tasks.test.config(nullptr);
    config.threads.jobs = 0;
    config.jobs.add<Task, Task>({.name = "task.run"}, TasksBackend::store);
    if (!rule.empty()) {
        config.jobs.schedule(name, "task.run", {.rule = rule, .time_zone = "Europe/Berlin"}, Task{"nightly"});
    }
    return Backend::open(std::move(config));
}

std::vector<std::string> declared(TasksBackend const& tasks) {
    return Database(tasks.test)
        .rows<std::string>("SELECT name || ' ' || rule FROM job_schedules WHERE organization_id IS NULL ORDER BY name");
}

TEST(Schedules, ThatTheApplicationDeclaresAreKeptAsItDeclaresThem) {
    TasksBackend const tasks;
    EXPECT_EQ(open_declaring(tasks, "0 25 * * *").error().reason, "job_schedule_invalid");
    {
        auto const backend = open_declaring(tasks, "0 3 * * *").value();
        EXPECT_EQ(backend.work({}).value(), 0);
        EXPECT_THAT(declared(tasks), ElementsAre("nightly 0 3 * * *"));
        tasks.test.clock->advance(24h);
        EXPECT_EQ(backend.work({}).value(), 1);
    }
    auto const next = [&] { return Database(tasks.test).rows<Timestamp>("SELECT next_at FROM job_schedules").at(0); };
    auto const before = next();
    EXPECT_EQ(open_declaring(tasks, "0 3 * * *")->work({}).value(), 0);
    EXPECT_EQ(next(), before) << "the same is left as it is";
    EXPECT_EQ(open_declaring(tasks, "0 4 * * *")->work({}).value(), 0);
    EXPECT_EQ(next(), before + 1h);
    EXPECT_THAT(declared(tasks), ElementsAre("nightly 0 4 * * *"));
    tasks.backend.close();
    EXPECT_EQ(open_declaring(tasks, "")->work({}).value(), 0);
    EXPECT_THAT(declared(tasks), IsEmpty());
}

TEST(Schedules, HaveTheAttemptsThatTheirKindHasNow) {
    TasksBackend const tasks;
    Database const database(tasks.test);
    auto const attempts = [&] { return database.rows<std::int64_t>("SELECT max_attempts FROM job_schedules").at(0); };
    ASSERT_EQ(open_declaring(tasks, "0 3 * * *")->work({}).value(), 0);
    auto const usual = attempts();
    database.execute("UPDATE job_schedules SET max_attempts = 99");
    ASSERT_EQ(open_declaring(tasks, "0 3 * * *")->work({}).value(), 0);
    EXPECT_EQ(attempts(), usual);
}

TEST(Schedules, OfTwoProcessesThatStartAtOnceAreDeclaredOnce) {
    TasksBackend const tasks;
    std::vector<Backend> nodes;
    for (int i = 0; i < 4; ++i) nodes.push_back(open_declaring(tasks, "0 3 * * *").value());
    tasks.test.clock->advance(24h);
    std::atomic<std::int64_t> count = 0;
    {
        std::vector<std::jthread> threads;
        for (auto const& node : nodes) threads.emplace_back([&] { count += node.work({}).value(); });
    }
    EXPECT_THAT(declared(tasks), ElementsAre("nightly 0 3 * * *"));
    tasks.test.clock->advance(24h);
    for (auto const& node : nodes) count += node.work({}).value();
    EXPECT_EQ(count, 1);
}

TEST(Schedules, OfAnotherProgramAreLeftAlone) {
    TasksBackend const tasks;
    ASSERT_EQ(open_declaring(tasks, "0 3 * * *")->work({}).value(), 0);
    auto config = tasks.test.config(nullptr);
    config.threads.jobs = 0;
    config.jobs.add<Task, Task>({.name = "task.walk"}, TasksBackend::store);
    EXPECT_EQ(Backend::open(std::move(config))->work({}).value(), 0);
    EXPECT_THAT(declared(tasks), ElementsAre("nightly 0 3 * * *"));
}

TEST(Schedules, ThatCannotBeReadAnyMoreStopWithACause) {
    TasksBackend const tasks(schedulable);
    auto const id = tasks.acme().schedules().create(every_ten_minutes()).value().id;
    Database(tasks.test).execute("UPDATE job_schedules SET time_zone = 'Europe/Atlantis'");
    tasks.test.clock->advance(1h);
    EXPECT_EQ(tasks.work(), 0);
    auto const stopped = tasks.acme().schedules().get({.id = id}).value();
    EXPECT_EQ(stopped.cause, "time_zone_unknown");
    EXPECT_EQ(stopped.next_at, std::nullopt);
    EXPECT_EQ(tasks.acme().schedules().update({.id = id, .time_zone = std::string("UTC")})->cause, std::nullopt);
}

TEST(Housekeeping, SealsAndForgets) {
    testing::TestBackend const test([](Config& config) {
        config.work.housekeeping = true;
        config.threads.jobs = 0;
    });
    test.sign_up("ada@example.com");
    ASSERT_TRUE(
        test.backend.as_system("acme").with({.idempotency_key = "k"}).users().create({.email = "a@example.com"}));
    Database const database(test);
    EXPECT_EQ(test.backend.work({}).value(), 0);
    test.clock->advance(1min);
    EXPECT_GE(test.backend.work({}).value(), 1);
    EXPECT_EQ(test.backend.verify_audit()->unsealed, 0);
    EXPECT_EQ(database.count("auth_sessions"), 1);
    EXPECT_EQ(database.count("idempotency_records"), 1);
    test.clock->advance(24h * 31);
    EXPECT_GE(test.backend.work({}).value(), 3);
    EXPECT_EQ(database.count("auth_sessions"), 0);
    EXPECT_EQ(database.count("idempotency_records"), 0);
}

TEST(Housekeeping, ForgetsMuchBitByBit) {
    testing::TestBackend const test([](Config& config) {
        config.work.housekeeping = true;
        config.threads.jobs = 0;
    });
    Database const database(test);
    EXPECT_EQ(test.backend.work({}).value(), 0);
    std::string const numbers =
        "{{sqlite WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)}} ";
    std::string const from_numbers = " FROM {{sqlite numbers}}{{postgresql generate_series(1, $1) AS numbers (n)}}";
    database.write([&](Transaction& tx) -> Result<void> {
        std::int64_t const count = 2'500;
        auto const old = test.clock->now() - 24h * 30;
        auto answers =
            tx.execute("INSERT INTO idempotency_records (caller, operation, key, input_hash, answer, created_at) " +
                           numbers + "SELECT 'ada', 'users.create', 'k' || n, '', $2, $3" + from_numbers,
                       {count, Bytes(), old});
        if (!answers) return std::move(answers).error();
        auto events =
            tx.execute("INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at) " +
                           numbers + "SELECT 'evt_00000' || n, 'org_1', 'a.b', $2, 'req_1', $3" + from_numbers,
                       {count, JsonText{"{}"}, old});
        if (!events) return std::move(events).error();
        return {};
    });
    test.clock->advance(10min);
    EXPECT_GE(test.backend.work({}).value(), 3);
    EXPECT_EQ(database.count("idempotency_records"), 0);
    EXPECT_LE(database.count("outbox_events"), 1);
}

}  // namespace
}  // namespace nexpo
