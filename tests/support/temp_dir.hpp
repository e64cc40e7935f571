// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace nexpo::inline v1::testing {

/// A directory of its own for one test, removed at the end.
class TempDir {
 public:
    TempDir() : TempDir(std::filesystem::temp_directory_path()) {}
    explicit TempDir(std::filesystem::path const& parent) {
        std::string pattern = (parent / "nexpo-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
        path_ = pattern;
    }
    TempDir(TempDir const&) = delete;
    TempDir& operator=(TempDir const&) = delete;
    ~TempDir() {
        std::error_code ignored;  // what is left in the temporary directory fails no test
        std::filesystem::remove_all(path_, ignored);
    }

    /// A server of another user may keep its files below.
    void let_others_in() const { std::filesystem::permissions(path_, std::filesystem::perms(0755)); }

    std::filesystem::path const& path() const noexcept { return path_; }
    std::string file(std::string const& name) const { return (path_ / name).string(); }

 private:
    std::filesystem::path path_;
};

}  // namespace nexpo::inline v1::testing
