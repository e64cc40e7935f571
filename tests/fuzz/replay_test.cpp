// SPDX-License-Identifier: Apache-2.0
// Runs every target over its committed corpus, in every preset and without libFuzzer.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "fuzz/fuzz.hpp"

namespace nexpo::fuzz {
namespace {

std::filesystem::path const kCorpus = NEXPO_TEST_DATA "/corpus";

std::string contents(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Fuzz : public ::testing::TestWithParam<Target> {};

TEST_P(Fuzz, ReplaysItsCorpus) {
    auto const& target = GetParam();
    std::size_t files = 0;
    for (auto const& entry : std::filesystem::directory_iterator(kCorpus / target.name)) {
        // Shown when the process dies.
        SCOPED_TRACE(entry.path());
        auto const input = contents(entry.path());
        EXPECT_LE(input.size(), kMaxInput) << entry.path();
        EXPECT_NO_THROW(target.run(input)) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 5U);
    EXPECT_NO_THROW(target.run("")) << "the empty input";
}

INSTANTIATE_TEST_SUITE_P(Targets, Fuzz, ::testing::ValuesIn(targets()),
                         [](auto const& target) { return std::string(target.param.name); });

TEST(FuzzCorpus, BelongsToTargets) {
    std::set<std::string> names;
    for (auto const& target : targets()) names.emplace(target.name);
    std::set<std::string> folders;
    for (auto const& entry : std::filesystem::directory_iterator(kCorpus)) folders.insert(entry.path().filename());
    EXPECT_EQ(names, folders);
}

TEST(FuzzCorpus, StaysSmall) {
    std::uintmax_t bytes = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(kCorpus)) {
        if (entry.is_regular_file()) bytes += entry.file_size();
    }
    EXPECT_LE(bytes, 300'000U) << "minimize: tests/long/run fuzz --merge";
}

}  // namespace
}  // namespace nexpo::fuzz
