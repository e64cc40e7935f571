// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace nexpo::inline v1::testing {

/// A file system of a few pages in memory, seen by this process alone: for a child process of one thread.
class SmallDisk {
 public:
    /// `size` as mount takes it, for example `2m`.
    SmallDisk(std::filesystem::path path, std::string const& size) : path_(std::move(path)) {
        bool const alone = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
        mounted_ = alone && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                   mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    SmallDisk(SmallDisk const&) = delete;
    SmallDisk& operator=(SmallDisk const&) = delete;
    ~SmallDisk() {
        if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    }

    /// False where neither root nor user namespaces may mount.
    bool mounted() const noexcept { return mounted_; }
    std::size_t free_bytes() const { return std::filesystem::space(path_).available; }
    /// Takes all but `rest` bytes for a file that `release` removes.
    void fill_up_to(std::size_t rest) const {
        std::ofstream file(ballast(), std::ios::binary);
        std::string const page(4'096, 'x');
        for (auto left = free_bytes(); left >= rest + page.size() && file << page << std::flush; left -= page.size()) {
        }
    }
    void release() const { std::filesystem::remove(ballast()); }

 private:
    std::filesystem::path ballast() const { return path_ / "ballast"; }

    std::filesystem::path path_;
    bool mounted_ = false;
};

}  // namespace nexpo::inline v1::testing
