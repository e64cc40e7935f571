// SPDX-License-Identifier: Apache-2.0
#include "common/blocking_pool.hpp"

#include <system_error>
#include <utility>

namespace nexpo::hosts {

BlockingPool::BlockingPool(std::size_t most_threads, std::size_t most_queued)
    : most_threads_(most_threads), most_queued_(most_queued) {}

BlockingPool::~BlockingPool() {
    stop();
}

bool BlockingPool::submit(std::function<void()> task) {
    {
        std::lock_guard const lock(mutex_);
        if (!has_room()) return false;
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

bool BlockingPool::has_room() {
    if (stopping_) return false;
    // What idle threads are about to take does not count as waiting.
    bool const started = queue_.size() >= idle_ && threads_.size() < most_threads_ && start_thread();
    return started || queue_.size() < idle_ + most_queued_;
}

void BlockingPool::stop() {
    std::vector<std::thread> threads;
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
        threads.swap(threads_);
    }
    wake_.notify_all();
    for (auto& thread : threads) thread.join();
}

bool BlockingPool::start_thread() {
    try {
        threads_.emplace_back(&BlockingPool::work, this);
        return true;
    } catch (std::system_error const&) {
        return false;  // The system allows no more threads: the ones there are have to do.
    }
}

void BlockingPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        --idle_;
        if (queue_.empty()) return;
        auto task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        task();
        task = {};  // what it holds must not wait for the next one
        lock.lock();
    }
}

}  // namespace nexpo::hosts
