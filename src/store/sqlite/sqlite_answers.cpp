// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_answers.hpp"

#include <iterator>
#include <new>
#include <utility>

#include "store/call_errors.hpp"

namespace nexpo::store {

namespace {

/// Waking another thread for fewer takes longer than answering them.
constexpr std::size_t kFew = 4;

void answer(std::span<SqliteWrite> writes) {
    for (auto& write : writes) write.done(std::move(write.result));
}

}  // namespace

SqliteAnswers::SqliteAnswers(std::function<void()> on_given)
    : on_given_(std::move(on_given)), thread_([this] { work(); }) {}

SqliteAnswers::~SqliteAnswers() {
    close();
}

void SqliteAnswers::give(std::span<SqliteWrite> writes) {
    std::unique_lock lock(mutex_);
    if (writes.size() > kFew || busy_) {
        taken_.wait(lock, [this] { return queue_.size() < kMaxQueuedWrites; });
        if (enqueue(writes)) return wake_.notify_one();
        taken_.wait(lock, [this] { return !busy_; });  // in order, although there is no memory
    }
    lock.unlock();
    answer(writes);
}

bool SqliteAnswers::enqueue(std::span<SqliteWrite> writes) try {
    queue_.insert(queue_.end(), std::make_move_iterator(writes.begin()), std::make_move_iterator(writes.end()));
    busy_ = true;
    return true;
} catch (std::bad_alloc const&) {
    return false;
}

bool SqliteAnswers::busy() const {
    std::lock_guard const lock(mutex_);
    return busy_;
}

void SqliteAnswers::close() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void SqliteAnswers::work() {
    std::vector<SqliteWrite> writes;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) return;
        std::swap(writes, queue_);
        lock.unlock();
        taken_.notify_one();
        answer(writes);
        writes.clear();
        lock.lock();
        busy_ = !queue_.empty();
        if (busy_) continue;
        taken_.notify_one();
        lock.unlock();
        on_given_();
        lock.lock();
    }
}

}  // namespace nexpo::store
