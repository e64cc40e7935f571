// SPDX-License-Identifier: Apache-2.0
#include "nexpo/testing/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {
namespace {

using ::testing::HasSubstr;

struct Parcel {
    std::int64_t number = 0;
};

StructType describe(Type<Parcel>) {
    return structure<Parcel>("Parcel", field("number", &Parcel::number));
}

/// Jobs of a shop that counts what it has sent.
struct Shop {
    Simulation simulation() {
        Simulation made{.file = directory.file("simulation.db"),
                        .migrations = {{"shop", 1, "sent", "CREATE TABLE sent (job TEXT NOT NULL) STRICT;"}},
                        .begin = [this](SimulatedChance&) { sent.clear(); },
                        .call = [](Transaction& tx, SimulatedChance& chance) -> Result<void> {
                            auto queued = tx.enqueue("parcel.send", Parcel{static_cast<std::int64_t>(chance.below(9))},
                                                     {.concurrency_key = "van", .ordered = true});
                            if (!queued) return std::move(queued).error();
                            return {};
                        }};
        made.jobs.add<Parcel, Empty>({.name = "parcel.send", .max_attempts = 3},
                                     [this](JobRun& run, Parcel const&) -> Reply<Empty> {
                                         ++sent[run.id()];
                                         return run.write([&run](Transaction& tx) -> Result<Empty> {
                                             auto noted = tx.execute("INSERT INTO sent (job) VALUES ($1)", {run.id()});
                                             if (!noted) return std::move(noted).error();
                                             return Empty{};
                                         });
                                     });
        return made;
    }

    TempDir directory;
    std::map<std::string, int> sent;
};

TEST(Simulation, OfSoundJobsFindsNothingAndGoesTheSameWayForASeed) {
    Shop shop;
    auto const simulation = shop.simulation();
    auto const first = simulation.run(7, 50).value();
    EXPECT_EQ(first.violation, std::nullopt);
    EXPECT_EQ(first.scenarios, 50U);
    EXPECT_EQ(simulation.run(7, 50)->trace, first.trace);
    EXPECT_NE(simulation.run(8, 50)->trace, first.trace);
}

TEST(Simulation, FindsADatabaseThatKeepsWhatItShouldTakeBack) {
    Shop shop;
    auto simulation = shop.simulation();
    simulation.sabotage = true;
    EXPECT_TRUE(simulation.run(1, 500)->violation);
}

TEST(Simulation, FindsWhatDoesNotHoldAndTheSeedThatShowsItAgain) {
    Shop shop;
    auto simulation = shop.simulation();
    // Wrong: the world outside of the database may see a job more than once.
    simulation.at_end = [&](Read&) -> std::optional<std::string> {
        for (auto const& [job, times] : shop.sent) {
            if (times > 1) return "sent twice";
        }
        return std::nullopt;
    };
    auto const report = simulation.run(1, 500).value();
    ASSERT_EQ(report.violation, "sent twice");
    auto const again = simulation.run(*report.seed, 1).value();
    EXPECT_EQ(again.violation, report.violation);
    EXPECT_EQ(again.seed, report.seed);
}

TEST(Simulation, TakesAnExceptionOfACheckForAViolation) {
    Shop shop;
    auto simulation = shop.simulation();
    simulation.always = [](Read&) -> std::optional<std::string> { throw std::runtime_error("broken check"); };
    EXPECT_THAT(simulation.run(1, 1)->violation.value_or(""), HasSubstr("a check failed"));
}

TEST(Simulation, IsRefusedWhenItIsNotSound) {
    Shop shop;
    auto const refused = [&](auto change) {
        auto simulation = shop.simulation();
        change(simulation);
        auto const run = simulation.run(1, 1);
        EXPECT_FALSE(run);
        return run || run.error().violations.empty() ? std::string() : run.error().violations.front().field;
    };
    EXPECT_EQ(refused([](Simulation& all) { all.file.clear(); }), "/file");
    EXPECT_EQ(refused([](Simulation& all) { std::ofstream(all.file) << "somebody's"; }), "/file") << "it is kept";
    std::ifstream kept(shop.directory.file("simulation.db"));
    EXPECT_TRUE(kept.good());
    std::filesystem::remove(shop.directory.file("simulation.db"));
    EXPECT_EQ(refused([](Simulation& all) { all.call = {}; }), "/call");
    EXPECT_EQ(refused([](Simulation& all) { all.nodes = 17; }), "/nodes");
    EXPECT_EQ(refused([](Simulation& all) { all.calls = 0; }), "/calls");
    EXPECT_EQ(refused([](Simulation& all) { all.steps = 9; }), "/steps");
    EXPECT_EQ(refused([](Simulation& all) { all.lease = std::chrono::seconds(0); }), "/lease");
}

}  // namespace
}  // namespace nexpo::inline v1::testing
