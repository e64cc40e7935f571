// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace nexpo::kill {

using Deadline = std::chrono::steady_clock::time_point;

/// A program that was started, with its output in reach. It dies with us.
class Process {
 public:
    /// `words` are the program's path and its arguments. Start it on a thread that outlives it.
    explicit Process(std::vector<std::string> words);
    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;
    ~Process();

    /// The next line of its output; nothing at the deadline and at the end of the output.
    std::optional<std::string> line(Deadline deadline);
    /// Whether all of the output has been read.
    bool ended() const noexcept { return ended_; }
    /// Sends SIGKILL (what it wrote before can still be read) and waits for its end.
    void kill();
    /// The exit code, once it has ended by itself.
    int wait();

 private:
    bool fill(Deadline deadline);

    pid_t id_ = -1;
    int output_ = -1;
    std::string buffer_;
    bool ended_ = false;
};

}  // namespace nexpo::kill
