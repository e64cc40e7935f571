// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "load/connection.hpp"
#include "load/options.hpp"

namespace nexpo::bench {

/// Sends the requests and keeps the time of each answer.
class Load {
 public:
    explicit Load(LoadOptions options);
    Load(Load const&) = delete;
    Load& operator=(Load const&) = delete;
    ~Load();

    void run();

    /// One line of JSON: answers per second, how busy this program was, and how many of each status with their times.
    std::string report() const;

 private:
    void connect();
    void begin_due(Clock::time_point now);
    void begin(std::size_t index, Clock::time_point due);
    void arm_timer(Clock::time_point time) const;
    void on_readable(std::size_t index);
    void finish(std::size_t index, ResponseSpan const& response);
    bool may_begin(Clock::time_point now) const;
    bool is_done(Clock::time_point now) const;

    LoadOptions options_;
    std::string before_;  ///< The request up to `{random}`.
    std::string after_;   ///< The request from there on.
    bool has_random_ = false;
    std::uint64_t random_;

    int epoll_;
    int timer_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<std::size_t> idle_;
    std::deque<Clock::time_point> waiting_;  ///< Due, but every connection is busy.
    std::size_t running_ = 0;
    std::size_t begun_ = 0;

    Clock::time_point counted_from_{};
    Clock::time_point end_{};
    Clock::time_point next_due_{};
    Clock::time_point last_{};
    double busy_ = 0;                                  ///< Share of the time in which this program had the processor.
    std::map<int, std::vector<double>> milliseconds_;  ///< By status.
};

}  // namespace nexpo::bench
