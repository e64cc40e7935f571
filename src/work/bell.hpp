// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace nexpo::work {

/// Wakes whoever waits for something to do. No ring is missed: one that comes before the wait ends it at once.
class Bell {
 public:
    void ring() noexcept {
        {
            std::lock_guard const lock(mutex_);
            rung_ = true;
        }
        wake_.notify_all();
    }

    /// Until the bell rings or `most` is over. For one waiting thread.
    void wait(std::chrono::microseconds most) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, most, [this] { return rung_; });
        rung_ = false;
    }

 private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool rung_ = false;
};

}  // namespace nexpo::work
