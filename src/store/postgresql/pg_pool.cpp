// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_pool.hpp"

#include <chrono>
#include <utility>

#include "store/call_errors.hpp"

namespace nexpo::store {

namespace {

constexpr std::chrono::milliseconds kBusyPause{200};
constexpr int kMaxWaits = 10;

}  // namespace

PgPool::PgPool(std::shared_ptr<PgServer> server, std::size_t size, std::shared_ptr<PgServer> fallback)
    : server_(std::move(server)), fallback_(std::move(fallback)), size_(size) {}

Result<std::unique_ptr<PgConnection>> PgPool::take(ReadLimits const& limits) {
    Lock lock(mutex_);
    int waits = 0;
    for (bool server_is_full = false;;) {
        if (auto waited = wait(lock, limits, server_is_full); !waited) return std::move(waited).error();
        if (closed_) return closed_error();
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
        ++open_;
        lock.unlock();
        auto connection = std::make_unique<PgConnection>(server_, fallback_);
        auto opened = connection->open(&limits);
        if (opened) return connection;
        lock.lock();
        --open_;
        free_.notify_all();
        // A server without a connection to spare: one of ours may come back, or, for a while, one of the writers'.
        server_is_full = opened.error().reason == "database_busy";
        if (!server_is_full) return std::move(opened).error();
        if (open_ > 0) continue;
        if (++waits > kMaxWaits || limits.stop.stop_requested()) return std::move(opened).error();
        free_.wait_for(lock, limits.stop, kBusyPause, [this] { return closed_ || !idle_.empty(); });
    }
}

Result<void> PgPool::wait(Lock& lock, ReadLimits const& limits, bool server_is_full) {
    auto const free = [&] { return closed_ || !idle_.empty() || (server_is_full ? open_ == 0 : open_ < size_); };
    if (free()) return {};
    ++waiting_;
    // The deadline is a time of the injected clock; the wait itself is measured by the machine's.
    bool const is_free = limits.deadline == std::chrono::steady_clock::time_point::max()
                             ? free_.wait(lock, limits.stop, free)
                             : free_.wait_for(lock, limits.stop, limits.deadline - server_->clock().steady_now(), free);
    --waiting_;
    if (is_free) return {};
    return limits.stop.stop_requested() ? stopped_error() : late_error();
}

void PgPool::give_back(std::unique_ptr<PgConnection> connection) {
    {
        Lock const lock(mutex_);
        if (connection->connected() && !connection->strayed() && !closed_) {
            idle_.push_back(std::move(connection));
        } else {
            --open_;
        }
    }
    free_.notify_all();
}

Result<void> PgPool::add(std::unique_ptr<PgWire> wire) {
    auto connection = std::make_unique<PgConnection>(server_, fallback_);
    if (auto adopted = connection->adopt(std::move(wire)); !adopted) return adopted;
    Lock const lock(mutex_);
    idle_.push_back(std::move(connection));
    ++open_;
    return {};
}

void PgPool::close() {
    std::vector<std::unique_ptr<PgConnection>> idle;
    Lock lock(mutex_);
    closed_ = true;
    free_.notify_all();
    idle = std::exchange(idle_, {});
    open_ -= idle.size();
    free_.wait(lock, [this] { return open_ == 0; });
}

std::size_t PgPool::open() const {
    Lock const lock(mutex_);
    return open_;
}

std::size_t PgPool::waiting() const {
    Lock const lock(mutex_);
    return waiting_;
}

}  // namespace nexpo::store
