// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/child_process.hpp"
#include "support/durability/door.hpp"
#include "support/durability/verdict.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::durability {
namespace {

constexpr int kWorkers = 6;
constexpr int kNoMount = 77;

/// A full disk's answer; a step that gets it may have been part of a group, and may be done or not.
bool is_full(Answer const& answer) {
    return answer.reason == "unavailable storage_full" || answer.reason == "unavailable storage_failed";
}

struct Load {
    /// Every worker sends subjects until one step of theirs is refused, at most `count`.
    void run(Backend const& backend, std::string const& label, int count) {
        std::vector<std::jthread> workers;
        for (int worker = 1; worker <= kWorkers; ++worker) {
            workers.emplace_back([&, worker] {
                Witness const witness{.begun =
                                          [this](Subject const& subject) {
                                              std::lock_guard const lock(mutex);
                                              ledger.begin(subject);
                                          },
                                      .answered =
                                          [this](Subject const& subject, Answer const& answer) {
                                              std::lock_guard const lock(mutex);
                                              ledger.answer(subject.name, answer);
                                          },
                                      .again =
                                          [this](Answer const& answer) {
                                              std::lock_guard const lock(mutex);
                                              refusals.push_back(answer);
                                              return false;
                                          }};
                auto const stop = [this] {
                    std::lock_guard const lock(mutex);
                    return !refusals.empty();
                };
                auto const door = backend_door(backend);
                work(*door, {.label = label}, worker, 0, count, witness, stop);
            });
        }
    }

    std::mutex mutex;
    Ledger ledger;
    std::vector<Answer> refusals;
};

void expect_clean(Ledger const& ledger, std::string const& url, char const* when) {
    auto const verdict = judge(ledger, facts_of(url), {});
    EXPECT_TRUE(verdict.clean()) << when << ": " << verdict.findings.front();
}

void fill_and_free(testing::SmallDisk const& disk, std::string const& url) {
    Load load;
    {
        auto const backend = Backend::open(durable_config(url)).value();
        load.run(backend, "before", 5);
        EXPECT_TRUE(load.refusals.empty());
        std::size_t answered_when_filling = 0;
        for (int round = 0; round < 5; ++round) {
            load.refusals.clear();
            auto const answered_before = load.ledger.answered();
            // Room for some commits more, so that the disk is full in the middle of one.
            disk.fill_up_to(512 * 1'024 * static_cast<std::size_t>(1 + round % 3));
            load.run(backend, "full" + std::to_string(round), 100'000);
            EXPECT_FALSE(load.refusals.empty());
            answered_when_filling += load.ledger.answered() - answered_before;
            for (auto const& answer : load.refusals) EXPECT_TRUE(is_full(answer)) << answer.reason;
            EXPECT_TRUE(backend.as_system("acme").users().list({})) << "reading goes on";
            // Judging opens the database once more, for which there must be a page of room for its wal-index.
            disk.release();
            expect_clean(load.ledger, url, "once there was room again");
            repeat_unanswered(*backend_door(backend), load.ledger);
            EXPECT_EQ(load.ledger.begun(), load.ledger.answered()) << "the same calls succeed, without a restart";
            expect_clean(load.ledger, url, "after repeats");
        }
        EXPECT_GT(answered_when_filling, 0U);
    }
    auto const backend = Backend::open(durable_config(url)).value();
    expect_clean(load.ledger, url, "after a restart");
}

TEST(DiskFullUnderLoad, AnswersOnlyWhatIsDurableAndGoesOnWhenThereIsRoom) {
    testing::TempDir const directory;
    testing::ChildProcess child([&] {
        testing::SmallDisk const disk(directory.path(), "16m");
        if (!disk.mounted()) _exit(kNoMount);
        fill_and_free(disk, "sqlite:" + directory.file("nexpo.db"));
    });
    auto const status = child.wait();
    if (status == kNoMount) GTEST_SKIP() << "this process may not mount a small disk";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nexpo::durability
