// SPDX-License-Identifier: Apache-2.0
#include "settings/text_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace nexpo::hosts {

namespace {

class TextFile : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = testing::TempDir() + "nexpo_text_" + std::to_string(::getpid());
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directory(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(std::string const& text) const {
        auto path = folder_ + "/text";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    std::string folder_;
};

std::string reason_of(std::string const& path) {
    auto const text = read_text_file(path);
    return text ? "none" : text.error().reason;
}

}  // namespace

TEST_F(TextFile, IsReadWhole) {
    std::string const text(100'000, 'x');
    auto const path = write(text);
    EXPECT_EQ(read_text_file(path).value_or(""), text);
    std::filesystem::create_symlink(path, folder_ + "/link");
    EXPECT_EQ(read_text_file(folder_ + "/link").value_or(""), text);
    EXPECT_EQ(read_text_file(write("")).value_or("none"), "");
}

TEST_F(TextFile, MayHaveAMebibyte) {
    EXPECT_EQ(reason_of(write(std::string(1U << 20U, 'x'))), "none");
    EXPECT_EQ(reason_of(write(std::string((1U << 20U) + 1, 'x'))), "file_too_large");
}

TEST_F(TextFile, IsNotWaitedFor) {
    auto const pipe = folder_ + "/pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(reason_of(pipe), "file_not_regular");
    EXPECT_EQ(reason_of(folder_), "file_not_regular");
    EXPECT_EQ(reason_of("/dev/zero"), "file_not_regular");
}

TEST_F(TextFile, SaysWhatIsWrong) {
    auto const missing = read_text_file(folder_ + "/missing");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_EQ(missing.error().message, "cannot be read: No such file or directory");
}

}  // namespace nexpo::hosts
