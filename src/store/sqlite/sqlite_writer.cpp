// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_writer.hpp"

#include <algorithm>
#include <exception>

#include "store/call_errors.hpp"
#include "store/run_closure.hpp"

namespace nexpo::store {

namespace {

/// A group is kept short enough that its first closure does not wait for long.
constexpr std::size_t kMaxGroup = 1'024;
/// Savepoints take a tenth of a group's time, so that groups go without them until a closure fails; then it and the
/// others run once more, and this many groups have savepoints.
constexpr int kCarefulGroups = 64;

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {
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
    std::vector<Item> items;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
            if (queue_.empty()) return;
            std::swap(items, queue_);
        }
        for (std::span<Item> rest(items); !rest.empty();) {
            auto const size = std::min(rest.size(), kMaxGroup);
            run_group(rest.first(size));
            rest = rest.subspan(size);
        }
        items.clear();
    }
}

void SqliteWriter::run_group(std::span<Item> items) {
    commit_group(items);
    {
        std::lock_guard const lock(mutex_);
        stats_.writes += static_cast<std::uint64_t>(
            std::ranges::count_if(items, [](Item const& item) { return item.result.has_value(); }));
    }
    answers_.give(items);
}

void SqliteWriter::commit_group(std::span<Item> items) {
    if (auto begun = begin(); !begun) {
        // Each alone would only wait for the same lock again.
        for (auto& item : items) item.result = begun;
        return;
    }
    bool const careful = items.size() > 1 && careful_groups_ > 0;
    if (careful) --careful_groups_;
    auto group = try_group(items, careful);
    if (group) return;
    if (items.size() == 1) {
        items.front().result = std::move(group);
        return;
    }
    if (!careful) {
        careful_groups_ = kCarefulGroups;
        if (auto begun = begin(); !begun) {
            for (auto& item : items) item.result = begun;
            return;
        }
        if (group = try_group(items, true); group) return;
    }
    // One closure may have spoiled it for all (a full disk, for example): each gets a transaction of its own.
    {
        std::lock_guard const lock(mutex_);
        ++stats_.retried_groups;
    }
    for (auto& item : items) {
        auto alone = begin();
        if (alone) alone = try_group({&item, 1}, false);
        if (!alone) item.result = std::move(alone);
    }
}

Result<void> SqliteWriter::begin() {
    return connection_->run("BEGIN IMMEDIATE");
}

/// Commits the group, or rolls all of it back and says why. A closure that fails spoils it for all, unless each is
/// undone alone.
Result<void> SqliteWriter::try_group(std::span<Item> items, bool with_savepoints) {
    for (auto& item : items) {
        if (with_savepoints) {
            run_undoable(item);
        } else {
            item.result = run_closure(item.closure, *connection_);
            if (!item.result) {
                abandon();
                return item.result;
            }
        }
        if (!connection_->in_transaction()) {
            return item.result ? Error{Errc::internal, "transaction_lost", "the transaction ended early"}
                               : item.result.error();
        }
    }
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
