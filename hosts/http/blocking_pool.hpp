// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// Threads for what waits for more than the database, so that the I/O threads never do. They start when they
/// are first needed. Thread-safe.
class BlockingPool {
 public:
    using Done = std::function<void(Response)>;

    BlockingPool(Gateway gateway, std::size_t most_threads, std::size_t most_queued);
    ~BlockingPool();
    BlockingPool(BlockingPool const&) = delete;
    BlockingPool& operator=(BlockingPool const&) = delete;

    /// Has the request answered on a thread of the pool. False, with nothing taken, when the queue is full.
    bool submit(Request& request, Done const& done);
    /// Has something done on a thread of the pool. False when the queue is full.
    bool submit(std::function<void()> task);
    /// Answers what is queued and ends the threads.
    void stop();

 private:
    struct Job {
        Request request{};
        Done done{};
        std::function<void()> task{};  ///< Instead of both.
    };

    /// Whether one more can wait, with the lock.
    bool has_room();
    bool start_thread();
    void work();

    Gateway gateway_;
    std::size_t most_threads_;
    std::size_t most_queued_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace nexpo::http_host
