// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_answers.hpp"

#include <iterator>
#include <utility>

namespace nexpo::store {

namespace {

/// Waking another thread for fewer takes longer than answering them.
constexpr std::size_t kFew = 4;

void answer(std::vector<SqliteWrite>& writes) {
    for (auto& write : writes) write.done(std::move(write.result));
    writes.clear();
}

}  // namespace

SqliteAnswers::~SqliteAnswers() {
    close();
}

void SqliteAnswers::give(std::vector<SqliteWrite>& writes) {
    {
        std::unique_lock lock(mutex_);
        if (writes.size() <= kFew && !busy_) {
            lock.unlock();
            return answer(writes);
        }
        if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
        queue_.insert(queue_.end(), std::make_move_iterator(writes.begin()), std::make_move_iterator(writes.end()));
        busy_ = true;
    }
    writes.clear();
    wake_.notify_one();
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
        answer(writes);
        lock.lock();
        busy_ = !queue_.empty();
    }
}

}  // namespace nexpo::store
