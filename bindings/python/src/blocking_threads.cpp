// SPDX-License-Identifier: Apache-2.0
#include "blocking_threads.hpp"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace nexpo::python {

namespace {

constexpr std::size_t kMost = 32;

class BlockingThreads {
 public:
    void run(std::function<void()> function) {
        std::lock_guard const lock(mutex_);
        if (is_ending_) return;
        functions_.push_back(std::move(function));
        if (idle_ < functions_.size() && threads_.size() < kMost) start_thread();
        wake_.notify_one();
    }

    void end() {
        std::vector<std::thread> threads;
        {
            std::lock_guard const lock(mutex_);
            is_ending_ = true;
            threads.swap(threads_);
            wake_.notify_all();
        }
        for (auto& thread : threads) thread.join();
    }

 private:
    /// Signals are for the threads of the program.
    void start_thread() {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        threads_.emplace_back([this] { work(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            ++idle_;
            wake_.wait(lock, [this] { return is_ending_ || !functions_.empty(); });
            --idle_;
            if (functions_.empty()) return;
            auto function = std::move(functions_.front());
            functions_.pop_front();
            lock.unlock();
            function();
            function = nullptr;
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> functions_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool is_ending_ = false;
};

BlockingThreads* current = nullptr;

/// A forked child has none of its parent's threads, and the lock may be held for ever.
BlockingThreads& threads() {
    static bool const once = [] {
        current = new BlockingThreads;
        pthread_atfork(nullptr, nullptr, [] { current = new BlockingThreads; });
        return true;
    }();
    static_cast<void>(once);
    return *current;
}

}  // namespace

void run_on_blocking_thread(std::function<void()> function) {
    threads().run(std::move(function));
}

void end_blocking_threads() {
    threads().end();
}

}  // namespace nexpo::python
