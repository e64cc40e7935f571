// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_writer.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "store/call_errors.hpp"
#include "store/run_closure.hpp"

namespace nexpo::store {

namespace {

/// A group is kept short enough that its first closure does not wait for long.
constexpr std::size_t kMaxGroup = 1'024;
/// Savepoints take a tenth of a group's time, so that groups go without them until a closure fails; then it and the
/// others run once more, and this many groups have savepoints.
constexpr int kCarefulGroups = 64;

Error lost_transaction(SqliteWrite const& item) {
    return item.result ? Error{Errc::internal, "transaction_lost", "the transaction ended early"} : item.result.error();
}

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection)
    : connection_(std::move(connection)), answers_([this] {
          { std::lock_guard const lock(mutex_); }
          wake_.notify_one();
      }) {
    group_.reserve(kMaxGroup);  // so that want of memory does not meet the writer in the middle of one
    thread_ = std::thread([this] { work(); });
}

SqliteWriter::~SqliteWriter() {
    close();
}

void SqliteWriter::submit(Store::WriteClosure closure, Store::WriteDone done) {
    if (auto queued = enqueue(closure, done); !queued) return done(std::move(queued));
    wake_.notify_one();
}

Result<void> SqliteWriter::enqueue(Store::WriteClosure& closure, Store::WriteDone& done) {
    std::lock_guard const lock(mutex_);
    if (closing_) return closed_error();
    if (queue_.size() >= kMaxQueuedWrites) return queue_full_error();
    queue_.push_back({std::move(closure), std::move(done)});
    return {};
}

StoreStats SqliteWriter::stats() const {
    std::lock_guard const lock(mutex_);
    auto stats = stats_;
    stats.queued = queue_.size();
    return stats;
}

void SqliteWriter::close() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    std::call_once(closed_, [this] {
        thread_.join();
        answers_.close();
        connection_.reset();
    });
}

void SqliteWriter::work() {
    while (wait_for_items()) {
        take_items();
        commit_group();
        {
            std::lock_guard const lock(mutex_);
            stats_.writes += static_cast<std::uint64_t>(
                std::ranges::count_if(group_, [](Item const& item) { return item.result.has_value(); }));
        }
        answers_.give(group_);
        group_.clear();
    }
}

/// False when there is nothing left to do.
bool SqliteWriter::wait_for_items() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    return !queue_.empty();
}

/// Adds what waits to the group, as far as it has room; false when nothing came.
bool SqliteWriter::take_items() {
    std::lock_guard const lock(mutex_);
    auto const count = std::min(queue_.size(), kMaxGroup - group_.size());
    auto const end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(queue_.begin(), end, std::back_inserter(group_));
    queue_.erase(queue_.begin(), end);
    return count > 0;
}

/// Adds what has come meanwhile. Whoever is being answered is likely to write again: the flush is shared with them,
/// too.
bool SqliteWriter::take_more() {
    {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return closing_ || !queue_.empty() || !answers_.busy(); });
    }
    return take_items();
}

void SqliteWriter::commit_group() {
    if (auto begun = begin(); !begun) {
        // Each alone would only wait for the same lock again.
        for (auto& item : group_) item.result = begun;
        return;
    }
    bool const careful = group_.size() > 1 && careful_groups_ > 0;
    if (careful) --careful_groups_;
    auto group = try_group(careful ? Way::with_savepoints : Way::growing);
    if (group) return;
    if (group_.size() == 1) {
        group_.front().result = std::move(group);
        return;
    }
    if (!careful) {
        careful_groups_ = kCarefulGroups;
        if (auto begun = begin(); !begun) {
            for (auto& item : group_) item.result = begun;
            return;
        }
        if (group = try_group(Way::with_savepoints); group) return;
    }
    // One closure may have spoiled it for all (a full disk, for example): each gets a transaction of its own.
    {
        std::lock_guard const lock(mutex_);
        ++stats_.retried_groups;
    }
    for (auto& item : group_) run_alone(item);
}

Result<void> SqliteWriter::begin() {
    return connection_->run("BEGIN IMMEDIATE");
}

/// Commits the group, or rolls all of it back and says why. A closure that fails spoils it for all, unless each is
/// undone alone.
Result<void> SqliteWriter::try_group(Way way) {
    for (std::size_t i = 0; i < group_.size() || (way == Way::growing && take_more()); ++i) {
        auto& item = group_[i];
        if (way == Way::with_savepoints) {
            run_undoable(item);
        } else {
            item.result = run_closure(item.closure, *connection_);
            if (!item.result) {
                abandon();
                return item.result;
            }
        }
        if (!connection_->in_transaction()) return lost_transaction(item);
    }
    return commit();
}

void SqliteWriter::run_alone(Item& item) {
    item.result = begin();
    if (!item.result) return;
    item.result = run_closure(item.closure, *connection_);
    if (!item.result) return abandon();
    item.result = connection_->in_transaction() ? commit() : lost_transaction(item);
}

Result<void> SqliteWriter::commit() {
    auto committed = connection_->run("COMMIT");
    if (!committed) {
        abandon();
        return committed;
    }
    std::lock_guard const lock(mutex_);
    ++stats_.commits;
    return {};
}

void SqliteWriter::run_undoable(Item& item) {
    item.result = connection_->run("SAVEPOINT closure");
    if (!item.result) return;
    item.result = run_closure(item.closure, *connection_);
    if (!connection_->in_transaction()) return;
    auto const undo = item.result ? Result<void>() : connection_->run("ROLLBACK TO closure");
    auto const released = connection_->run("RELEASE closure");
    if (!undo || !released) abandon();  // try_group sees that the transaction is gone
}

void SqliteWriter::abandon() {
    if (!connection_->in_transaction()) return;
    if (auto rolled_back = connection_->run("ROLLBACK"); !rolled_back && connection_->in_transaction()) {
        // Without a way out of the transaction every later write would be lost in it; dying is the only safe answer.
        std::terminate();
    }
}

}  // namespace nexpo::store
