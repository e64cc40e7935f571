// SPDX-License-Identifier: Apache-2.0
#include "power_loss/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "power_loss/recording.hpp"

namespace nexpo::power_loss {
namespace {

constexpr RecordingOptions kShort{.workers = 3, .subjects = 8, .lives = 2};

std::size_t failed_syncs(WriteLog const& log) {
    return static_cast<std::size_t>(std::ranges::count_if(
        log.entries(), [](LogEntry const& entry) { return std::holds_alternative<logged::FailedSync>(entry); }));
}

/// How often the write-ahead log was begun anew after its content had been copied into the database.
std::size_t checkpoints(WriteLog const& log) {
    std::size_t count = 0;
    bool copied = false;
    for (auto const& entry : log.entries()) {
        auto const* write = std::get_if<logged::Write>(&entry);
        if (write == nullptr) continue;
        if (write->file == 0) copied = true;
        if (write->file != 0 && write->offset == 0) count += std::exchange(copied, false) ? 1 : 0;
    }
    return count;
}

TEST(PowerLoss, IsRecordedAcrossCheckpoints) {
    EXPECT_GT(checkpoints(*record({.subjects = 150, .lives = 1})), 1U);
}

TEST(PowerLoss, LeavesEveryAnsweredCallAndNoneInPart) {
    auto const log = record(kShort);
    auto const result = replay(*log, {.every = 40});
    EXPECT_TRUE(result.complete);
    EXPECT_GT(result.answered, 50U);
    EXPECT_GT(result.repeats, result.images);
    EXPECT_TRUE(result.verdict.clean()) << result.verdict.findings.front();
}

TEST(PowerLoss, OfADiskThatRefusesSyncsLeavesThemToo) {
    auto options = kShort;
    options.fail_every_sync = 5;
    auto const log = record(options);
    EXPECT_GT(failed_syncs(*log), 3U);
    auto const result = replay(*log, {.every = 40});
    EXPECT_TRUE(result.complete);
    EXPECT_GT(result.answered, 10U);
    EXPECT_TRUE(result.verdict.clean()) << result.verdict.findings.front();
}

// The control: were nothing found here, nothing would be proved above.
TEST(PowerLoss, OfALyingDiskIsFoundOut) {
    auto const log = record(kShort);
    auto const result = replay(*log, {.honest = false, .every = 40});
    EXPECT_TRUE(result.complete);
    EXPECT_GT(result.verdict.lost, 0);
    EXPECT_GT(result.verdict.damaged, 0);
}

}  // namespace
}  // namespace nexpo::power_loss
