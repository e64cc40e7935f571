// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace nexpo::backend {

/// A thread that calls a function again and again, with a pause between the end of one call and the next.
class Ticker {
 public:
    Ticker(std::chrono::milliseconds pause, std::function<void()> function);
    /// Waits for a call that is under way.
    ~Ticker();
    Ticker(Ticker const&) = delete;
    Ticker& operator=(Ticker const&) = delete;

 private:
    void work();

    std::chrono::milliseconds pause_;
    std::function<void()> function_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace nexpo::backend
