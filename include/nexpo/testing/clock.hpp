// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A clock that stands still until the test moves it.

#include <chrono>
#include <mutex>

#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

namespace testing {

/// A `Clock` whose time changes only when told. Thread-safe.
class ManualClock final : public Clock {
 public:
    /// Starts at 2026-01-01T00:00:00Z.
    ManualClock() : ManualClock(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) {}
    /// Starts at `start`.
    explicit ManualClock(Timestamp start) : now_(start) {}

    /// The time of day last set, moved by what was advanced since.
    Timestamp now() const override {
        std::scoped_lock const lock(mutex_);
        return now_;
    }

    /// What was advanced in sum, after an arbitrary start.
    std::chrono::steady_clock::time_point steady_now() const override {
        std::scoped_lock const lock(mutex_);
        return steady_now_;
    }

    /// Moves both clocks by `step`, which is not negative.
    void advance(std::chrono::microseconds step) {
        std::scoped_lock const lock(mutex_);
        now_ += step;
        steady_now_ += step;
    }

    /// Sets the time of day, forwards or backwards, as an operator who corrects a wall clock does.
    void set(Timestamp now) {
        std::scoped_lock const lock(mutex_);
        now_ = now;
    }

 private:
    mutable std::mutex mutex_;
    Timestamp now_;
    // Not zero, so that a default-constructed time point lies in the past as it does with a real clock.
    std::chrono::steady_clock::time_point steady_now_{std::chrono::hours(24)};
};

}  // namespace testing

}  // namespace nexpo::inline v1
