// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace nexpo::work {

/// How many jobs each thread takes at once: as many as it gets through in a tenth of a second, so that short ones are
/// committed in large groups and long ones do not wait here while others are idle.
class Prefetch {
 public:
    /// A handler took so long.
    void ran(std::chrono::nanoseconds time) { usual_ += (std::clamp(time, {}, kLongest) - usual_) / 8; }
    /// What was taken is not begun because those before it take so long.
    void stalled() { usual_ = kLongest; }
    std::size_t per_thread() const {
        auto const count = kAhead / std::max<std::chrono::nanoseconds>(usual_, std::chrono::nanoseconds(1));
        return static_cast<std::size_t>(std::clamp<std::chrono::nanoseconds::rep>(count, 1, kMost));
    }

 private:
    static constexpr std::chrono::nanoseconds kAhead = std::chrono::milliseconds(100);
    static constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(10);
    static constexpr std::chrono::nanoseconds::rep kMost = 256;

    /// Of one handler, averaged; until it is known, few are taken.
    std::chrono::nanoseconds usual_ = std::chrono::milliseconds(10);
};

}  // namespace nexpo::work
