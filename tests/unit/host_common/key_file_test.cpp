// SPDX-License-Identifier: Apache-2.0
#include "common/key_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace nexpo::hosts {

namespace {

class KeyFile : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "nexpo_key_" + std::to_string(::getpid());
        std::filesystem::remove_all(folder_);
        ASSERT_TRUE(make_folder(folder_).has_value());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ + "/nexpo.key"; }

    std::string folder_;
};

mode_t mode_of(std::string const& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
}

}  // namespace

TEST_F(KeyFile, IsCreatedForTheOwnerAloneAndReadAgain) {
    auto const made = read_or_create_key(path());
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->reveal().size(), 43U);
    EXPECT_EQ(mode_of(path()), 0600U);
    EXPECT_EQ(mode_of(folder_), 0700U);
    auto const again = read_or_create_key(path());
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(*again == *made);
}

TEST_F(KeyFile, IsOneAndTheSameForAllWhoStartAtOnce) {
    std::vector<Secret> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys) {
        threads.emplace_back([&key, this] { key = read_or_create_key(path()).value_or(Secret("failed")); });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> different;
    for (auto const& key : keys) different.emplace(key.reveal());
    EXPECT_EQ(different.size(), 1U);
    EXPECT_FALSE(different.contains("failed"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyFile, IsRefusedWhenEmptyOrUnreadable) {
    std::ofstream(path()) << "\n";
    auto const empty = read_or_create_key(path());
    ASSERT_FALSE(empty.has_value());
    EXPECT_EQ(empty.error().reason, "sealing_key_malformed");

    auto const folder = read_or_create_key(folder_);
    ASSERT_FALSE(folder.has_value());
    EXPECT_EQ(folder.error().code, Errc::unavailable);
    EXPECT_FALSE(read_or_create_key(path() + "/below/a/file").has_value());
}

TEST_F(KeyFile, FolderIsMadeWithThoseAboveIt) {
    auto const deep = folder_ + "/a/b/c";
    ASSERT_TRUE(make_folder(deep).has_value());
    ASSERT_TRUE(make_folder(deep).has_value());
    EXPECT_EQ(mode_of(folder_ + "/a"), 0700U);
    std::ofstream(folder_ + "/file") << "x";
    EXPECT_FALSE(make_folder(folder_ + "/file/below").has_value());
    EXPECT_TRUE(make_folder("").has_value());
}

TEST(RandomText, IsBase64UrlOfTheWantedLengthAndNeverTheSame) {
    std::set<std::string> seen;
    for (std::size_t bytes = 0; bytes < 40; ++bytes) {
        auto const text = random_text(bytes);
        EXPECT_EQ(text.reveal().size(), (bytes * 8 + 5) / 6);
        EXPECT_EQ(text.reveal().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                  std::string_view::npos);
        EXPECT_TRUE(bytes <= 8 || seen.emplace(text.reveal()).second) << bytes;
    }
}

}  // namespace nexpo::hosts
