// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_writers.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/call_errors.hpp"
#include "store/postgresql/pg_error.hpp"
#include "store/run_closure.hpp"

namespace nexpo::store {

namespace {

/// With the pauses below a write tries for about three seconds.
constexpr int kMaxRepeats = 24;
/// A connection that is lost again and again is no coincidence.
constexpr int kMaxLosses = 3;
constexpr std::chrono::microseconds kFirstPause{500};
constexpr std::chrono::microseconds kLongestPause{250'000};
/// How long a writer without a connection leaves the work to the others, and how often when there are none.
constexpr std::chrono::milliseconds kBusyPause{200};
constexpr int kMaxWaits = 10;

}  // namespace

PgWriters::PgWriters(std::shared_ptr<PgServer> server, std::size_t count, Wrote wrote) : wrote_(std::move(wrote)) {
    for (std::size_t i = 0; i < count; ++i) {
        auto& worker = *workers_.emplace_back(std::make_unique<Worker>(server, static_cast<unsigned>(i + 1)));
        if (wrote_) worker.connection.watch_position();
    }
    for (auto& worker : workers_) {
        worker->thread = std::thread([this, &own = *worker] { work(own); });
    }
}

PgWriters::~PgWriters() {
    close();
}

void PgWriters::submit(Access access, Store::WriteClosure closure, Store::WriteDone done) {
    Item item{.access = std::move(access), .closure = std::move(closure), .done = std::move(done)};
    if (auto queued = enqueue(item); !queued) item.done(std::move(queued));
}

Result<void> PgWriters::enqueue(Item& item) {
    Lock const lock(mutex_);
    if (closing_) return closed_error();
    if (queue_.size() >= kMaxQueuedWrites) return queue_full_error();
    queue_.push_back(std::move(item));
    wake_one();
    return {};
}

void PgWriters::wake_one() {
    if (idle_.empty()) return;
    idle_.back()->wake.notify_one();
    idle_.pop_back();
}

StoreStats PgWriters::stats() const {
    Lock const lock(mutex_);
    auto stats = stats_;
    stats.queued = queue_.size();
    stats.connections = connected_;
    return stats;
}

void PgWriters::close() {
    {
        Lock const lock(mutex_);
        closing_ = true;
        for (auto& worker : workers_) worker->wake.notify_one();
    }
    std::call_once(closed_, [this] {
        for (auto& worker : workers_) worker->thread.join();
        workers_.clear();
    });
}

void PgWriters::work(Worker& worker) {
    Lock lock(mutex_);
    while (true) {
        while (queue_.empty() && !closing_) {
            idle_.push_back(&worker);
            worker.wake.wait(lock);
            std::erase(idle_, &worker);
        }
        if (queue_.empty()) return;
        auto item = std::move(queue_.front());
        queue_.pop_front();
        bool const given_up = given_up_;
        lock.unlock();

        auto result = given_up ? closed_error() : run(worker, item);
        lock.lock();
        count_connection(worker);
        if (closing_ && !result && result.error().code == Errc::unavailable) given_up_ = true;
        if (!result && leave_to_others(worker, item, result.error())) {
            worker.wake.wait_for(lock, kBusyPause);
            continue;
        }
        if (result) ++stats_.writes;
        lock.unlock();
        item.done(std::move(result));
        item = {.access = {Scope::organization({})}, .closure = {}, .done = {}};
        lock.lock();
    }
}

/// The server has no connection for this writer: the write waits for one of another writer, or, for a while, for one
/// that the readers let go.
bool PgWriters::leave_to_others(Worker& worker, Item& item, Error const& error) {
    if (worker.connection.connected() || error.reason != "database_busy") return false;
    if (connected_ == 0 && ++item.waits > kMaxWaits) return false;
    queue_.push_front(std::move(item));
    return true;
}

void PgWriters::count_connection(Worker& worker) {
    bool const is = worker.connection.connected();
    if (is == worker.counted) return;
    worker.counted = is;
    connected_ = is ? connected_ + 1 : connected_ - 1;
}

Result<void> PgWriters::run(Worker& worker, Item const& item) {
    auto& connection = worker.connection;
    int losses = 0;
    for (int attempt = 1;; ++attempt) {
        if (auto opened = connection.open(nullptr); !opened) return opened;
        connection.begin(nullptr, item.access.scope, item.access.locks_rows);
        TransactionState state{.session = connection};
        auto result = run_closure(item.closure, connection, state);
        if (result) {
            result = connection.commit();
        } else {
            connection.roll_back();
        }
        if (result) {
            if (wrote_) wrote_({item.access.caller, std::move(state.audit_organization), connection.position()});
            Lock const lock(mutex_);
            ++stats_.commits;
            return result;
        }
        if (connection.lost() && ++losses > kMaxLosses) return result;
        if (!connection.conflicted() && !connection.lost()) return result;
        if (attempt > kMaxRepeats) return pg_error("40001", {}, {});
        pause(worker, attempt);
    }
}

/// Those who met once must not meet again: each waits for a time of its own.
void PgWriters::pause(Worker& worker, int attempt) {
    auto const longest = std::min(kLongestPause, kFirstPause * (1 << std::min(attempt, 12)));
    std::uniform_int_distribution<std::int64_t> distribution(0, longest.count());
    std::chrono::microseconds const time(distribution(worker.jitter));
    Lock lock(mutex_);
    ++stats_.repeats;
    worker.wake.wait_for(lock, time, [this] { return closing_; });
}

}  // namespace nexpo::store
