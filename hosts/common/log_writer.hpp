// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace nexpo::hosts {

/// Writes lines to a file descriptor on a thread of its own. Whoever logs never waits: when the reader of the log falls
/// behind, lines are lost, and a line says how many. Thread-safe.
class LogWriter {
 public:
    explicit LogWriter(int descriptor);
    /// Writes what is queued; gives up after two seconds when nobody reads.
    ~LogWriter();
    LogWriter(LogWriter const&) = delete;
    LogWriter& operator=(LogWriter const&) = delete;

    /// Queues one line, given without its line break.
    void write(std::string_view line);

 private:
    using Clock = std::chrono::steady_clock;

    void work();
    bool has_room(std::size_t size);
    /// False when nobody can read the log any more.
    bool write_out(std::string_view text);
    Clock::time_point give_up_at();

    int descriptor_;
    std::size_t at_once_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::string queued_;
    std::uint64_t lost_ = 0;
    bool sleeping_ = false;
    bool closing_ = false;
    Clock::time_point give_up_ = Clock::time_point::max();
    std::thread thread_;
};

}  // namespace nexpo::hosts
