// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace nexpo::inline v1::testing {

/// A process that runs one function. Start it while no other thread runs; a failed expectation inside is printed and
/// makes `wait` answer other than 0.
class ChildProcess {
 public:
    template <class F>
    explicit ChildProcess(F&& function) {
        std::fflush(nullptr);
        id_ = fork();
        if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (id_ > 0) return;
        function();
        std::fflush(nullptr);
        _exit(::testing::Test::HasFailure() ? 1 : 0);
    }
    ChildProcess(ChildProcess const&) = delete;
    ChildProcess& operator=(ChildProcess const&) = delete;
    ~ChildProcess() {
        if (id_ > 0) wait();
    }

    pid_t id() const noexcept { return id_; }
    /// Ends it with SIGKILL.
    void kill() {
        ::kill(id_, SIGKILL);
        wait();
    }
    /// The exit code, or minus the signal that ended the process.
    int wait() {
        int status = 0;
        while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

 private:
    pid_t id_ = 0;
};

}  // namespace nexpo::inline v1::testing
