// SPDX-License-Identifier: Apache-2.0
#include "power_loss/disk.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace nexpo::power_loss {
namespace {

constexpr int kSeeds = 60;

/// Plays a log and tells every content that a file was found with; absent is "-".
std::set<std::string> found(std::vector<LogEntry> const& log, Fate fate, bool honest = true) {
    std::set<std::string> contents;
    for (int seed = 0; seed < kSeeds; ++seed) {
        Disk disk(honest, static_cast<std::uint64_t>(seed));
        for (std::size_t i = 0; i < log.size(); ++i) disk.play(log[i], i);
        auto const files = disk.power_cut(fate, static_cast<std::uint64_t>(seed));
        auto const file = files.find("db");
        contents.insert(file == files.end() ? "-" : file->second);
    }
    return contents;
}

using Contents = std::set<std::string>;

std::vector<LogEntry> with_synced(std::string content, std::vector<LogEntry> more) {
    std::vector<LogEntry> log{logged::Create{"db", 0}, logged::Write{0, 0, std::move(content)}, logged::Sync{0, 2},
                              logged::SyncNames{3}};
    log.insert(log.end(), more.begin(), more.end());
    return log;
}

TEST(Disk, KeepsWhatWasSyncedWhateverTheFate) {
    for (int fate = 0; fate < kFates; ++fate) {
        EXPECT_EQ(found(with_synced("old", {}), static_cast<Fate>(fate)), Contents{"old"});
    }
}

TEST(Disk, MayDropOrKeepWhatWasNot) {
    auto const log = with_synced("old", {logged::Write{0, 3, " new"}});
    EXPECT_EQ(found(log, Fate::dropped), Contents{"old"});
    EXPECT_EQ(found(log, Fate::kept), Contents{"old new"});
    EXPECT_EQ(found(log, Fate::scattered), (Contents{"old", "old new", std::string("old\0\0\0\0", 7)}));
}

TEST(Disk, TearsWritesAtSectorsAndNoByteBeside) {
    std::string const old(2'000, 'o');
    auto const log = with_synced(old, {logged::Write{0, 100, std::string(1'000, 'n')}});
    auto const contents = found(log, Fate::scattered);
    EXPECT_GT(contents.size(), 4U);
    for (auto const& content : contents) {
        ASSERT_EQ(content.size(), 2'000U);
        EXPECT_EQ(content.substr(0, 100) + content.substr(1'100), std::string(1'000, 'o'));
        for (auto const& [from, to] : {std::pair{100U, 512U}, {512U, 1'024U}, {1'024U, 1'100U}}) {
            EXPECT_EQ(content.find_first_not_of(content[from], from) >= to, true) << "from " << from;
        }
    }
    EXPECT_TRUE(contents.contains(old));
}

TEST(Disk, CutsOffInOrder) {
    auto const log = with_synced("", {logged::Write{0, 0, "a"}, logged::Write{0, 1, "b"}, logged::Write{0, 2, "c"}});
    for (auto const& content : found(log, Fate::cut_off)) {
        // Nothing follows a hole: what stands before the last write is all there.
        auto const before = content.substr(0, content.empty() ? 0 : content.size() - 1);
        EXPECT_EQ(before, std::string("ab").substr(0, before.size()));
    }
}

TEST(Disk, LeavesJunkOnlyWhereSomethingWasWritten) {
    auto const log = with_synced("....", {logged::Write{0, 1, "ab"}});
    auto const contents = found(log, Fate::junk);
    EXPECT_GT(contents.size(), 3U);
    for (auto const& content : contents) EXPECT_EQ(content.substr(0, 1) + content.substr(3), "..");
}

TEST(Disk, LosesNamesThatWereNotSynced) {
    std::vector<LogEntry> const created{logged::Create{"db", 0}, logged::Write{0, 0, "new"}, logged::Sync{0, 2}};
    EXPECT_EQ(found(created, Fate::dropped), Contents{"-"});
    EXPECT_EQ(found(created, Fate::cut_off), (Contents{"-", "new"}));

    auto const replaced = with_synced(
        "old", {logged::Remove{"db"}, logged::Create{"db", 1}, logged::Write{1, 0, "new"}, logged::Sync{1, 7}});
    EXPECT_EQ(found(replaced, Fate::dropped), Contents{"old"});
    EXPECT_EQ(found(replaced, Fate::scattered), (Contents{"old", "-", "new"}));
}

TEST(Disk, CountsOnlyWhatASyncCouldSee) {
    auto const log = with_synced("old", {logged::Write{0, 0, "new"}, logged::Sync{0, 4}});
    EXPECT_EQ(found(log, Fate::dropped), Contents{"old"});
}

TEST(Disk, MakesNothingSureAfterAFailedSync) {
    auto const log = with_synced("old", {logged::Write{0, 0, "new"}, logged::FailedSync{0}, logged::Sync{0, 6}});
    EXPECT_EQ(found(log, Fate::dropped), (Contents{"old", "new"}));
}

TEST(Disk, LiesWhenAskedTo) {
    EXPECT_EQ(found(with_synced("old", {}), Fate::dropped, false), Contents{"-"});
}

}  // namespace
}  // namespace nexpo::power_loss
