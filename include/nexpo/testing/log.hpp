// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A log sink that a test can read.

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/log.hpp"

namespace nexpo::inline v1 {

namespace testing {

/// A `LogSink` that keeps every record as a line of JSON. Thread-safe.
class MemoryLog final : public LogSink {
 public:
    /// Keeps everything.
    MemoryLog() = default;
    /// Keeps records from `level` on.
    explicit MemoryLog(LogLevel level) : level_(level) {}

    /// Keeps one record.
    void write(LogRecord const& record) noexcept override {
        std::scoped_lock const lock(mutex_);
        lines_.push_back(to_json_line(record));
    }

    /// The level given at construction.
    LogLevel level() const noexcept override { return level_; }

    /// The lines so far, in the order of arrival.
    std::vector<std::string> lines() const {
        std::scoped_lock const lock(mutex_);
        return lines_;
    }

    /// True when a line contains `text`.
    bool contains(std::string_view text) const {
        std::scoped_lock const lock(mutex_);
        return std::any_of(lines_.begin(), lines_.end(),
                           [text](std::string const& line) { return line.find(text) != std::string::npos; });
    }

    /// Forgets the lines.
    void clear() {
        std::scoped_lock const lock(mutex_);
        lines_.clear();
    }

 private:
    mutable std::mutex mutex_;
    LogLevel level_ = LogLevel::debug;
    std::vector<std::string> lines_;
};

}  // namespace testing

}  // namespace nexpo::inline v1
