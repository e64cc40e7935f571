// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/store.hpp"

namespace nexpo::store {

/// A write on its way through the writer.
struct SqliteWrite {
    Store::WriteClosure closure;
    Store::WriteDone done;
    Result<void> result{};
};

/// Tells who waits for a commit of what became of it, in the order of the commits, while the writer goes on with the
/// next group. Answers take as long as a commit: they wake callers and put responses together.
class SqliteAnswers {
 public:
    /// `on_given` is called whenever all that was taken is answered, on the thread that answers.
    explicit SqliteAnswers(std::function<void()> on_given);
    ~SqliteAnswers();
    SqliteAnswers(SqliteAnswers const&) = delete;
    SqliteAnswers& operator=(SqliteAnswers const&) = delete;

    /// Takes what is committed. Few writes are answered at once, on this thread; waits while too many are queued.
    void give(std::span<SqliteWrite> writes);
    /// Whether somebody still waits for an answer that is known.
    bool busy() const;
    /// Waits until all is answered.
    void close();

 private:
    void work();
    bool enqueue(std::span<SqliteWrite> writes);

    std::function<void()> on_given_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable taken_;
    std::vector<SqliteWrite> queue_;
    bool busy_ = false;  ///< Something is in the queue or being answered.
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace nexpo::store
