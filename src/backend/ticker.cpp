// SPDX-License-Identifier: Apache-2.0
#include "backend/ticker.hpp"

namespace nexpo::backend {

Ticker::Ticker(std::chrono::milliseconds pause, std::function<void()> function)
    : pause_(pause), function_(std::move(function)), thread_([this] { work(); }) {}

Ticker::~Ticker() {
    {
        std::lock_guard const lock(mutex_);
        ending_ = true;
    }
    ended_.notify_all();
    thread_.join();
}

void Ticker::work() {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, pause_, [this] { return ending_; })) {
        lock.unlock();
        function_();
        lock.lock();
    }
}

}  // namespace nexpo::backend
