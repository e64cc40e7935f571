// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nexpo::hosts {

/// Threads for what waits for more than the database, so that the I/O threads never do. They start when they
/// are first needed. Thread-safe.
class BlockingPool {
 public:
    BlockingPool(std::size_t most_threads, std::size_t most_queued);
    ~BlockingPool();
    BlockingPool(BlockingPool const&) = delete;
    BlockingPool& operator=(BlockingPool const&) = delete;

    /// Has something done on a thread of the pool. False when the queue is full.
    bool submit(std::function<void()> task);
    /// Does what is queued and ends the threads.
    void stop();

 private:
    /// Whether one more can wait, with the lock.
    bool has_room();
    bool start_thread();
    void work();

    std::size_t most_threads_;
    std::size_t most_queued_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace nexpo::hosts
