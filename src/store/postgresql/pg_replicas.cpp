// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_replicas.hpp"

#include <algorithm>
#include <utility>

namespace nexpo::store {

namespace {

using std::chrono::milliseconds;

/// Callers whose last write is remembered one by one.
constexpr std::size_t kMaxCallers = 50'000;
/// How long a replica that does not answer is left alone.
constexpr milliseconds kAvoid{2'000};
/// How long a question to a replica may hold up the read that asks it.
constexpr milliseconds kQuestion{1'000};
/// A replica is not asked more often than this.
constexpr milliseconds kBetweenQuestions{20};

// As bigint: the log's positions count its bytes.
constexpr std::string_view kWritten = "SELECT CAST(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0') AS bigint)";
/// NULL on a server that replays nothing.
constexpr std::string_view kReplayed =
    "SELECT CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS bigint)"
    " WHERE pg_is_in_recovery()";

}  // namespace

PgReplicas::PgReplicas(std::vector<std::shared_ptr<PgServer>> const& servers, std::shared_ptr<PgServer> const& fallback,
                       PgPool& primary, std::size_t readers, milliseconds longest_lag)
    : primary_(primary), clock_(fallback->clock()), longest_lag_(longest_lag) {
    for (auto const& server : servers) {
        replicas_.push_back({.pool = std::make_unique<PgPool>(server, readers, fallback)});
    }
}

void PgReplicas::Needed::add(Needed const& other) {
    position = std::max(position, other.position);
    at = std::max(at, other.at);
}

PgPool* PgReplicas::choose(Access const& access) {
    if (access.caller.empty()) return nullptr;
    ask_primary();
    Lock lock(mutex_);
    auto const needed = needed_by(access.caller);
    auto const first = next_++;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
        auto& replica = replicas_[(first + i) % replicas_.size()];
        if (usable(lock, replica, needed)) return replica.pool.get();
    }
    return nullptr;
}

PgReplicas::Needed PgReplicas::needed_by(std::string const& caller) {
    auto needed = floor_;
    if (auto const found = written_.find(caller); found != written_.end()) needed.add(found->second);
    return needed;
}

bool PgReplicas::shows(Replica const& replica, Needed const& needed) {
    return replica.replayed >= needed.position && replica.fresh_at >= needed.at;
}

bool PgReplicas::usable(Lock& lock, Replica& replica, Needed const& needed) {
    auto const at = now();
    if (at < replica.avoided_until) return false;
    auto const is_fresh = [&] { return shows(replica, needed) && replica.fresh_at >= now() - longest_lag_; };
    // Asked before it is too late, so that a replica that keeps up is always known to.
    bool const is_due = !samples_.empty() && replica.fresh_at < at - longest_lag_ / 2;
    if ((is_due || !is_fresh()) && replica.asked_at <= at - kBetweenQuestions) ask(lock, replica);
    return is_fresh();
}

void PgReplicas::ask_primary() {
    {
        std::lock_guard const lock(mutex_);
        auto const between = std::clamp(longest_lag_ / 4, milliseconds(10), milliseconds(1'000));
        if (!samples_.empty() && sampled_at_ > now() - between) return;
        sampled_at_ = now();
        // The first one waits for the answer, later ones go on with what is known.
    }
    auto const at = now();
    auto const position = position_of(primary_, kWritten);
    if (!position) return;
    std::lock_guard const lock(mutex_);
    samples_.push_back({at, *position});
    while (samples_.front().at < at - longest_lag_) samples_.pop_front();
}

void PgReplicas::ask(Lock& lock, Replica& replica) {
    replica.asked_at = now();
    lock.unlock();
    auto const replayed = position_of(*replica.pool, kReplayed);
    lock.lock();
    if (!replayed) {
        replica.avoided_until = now() + kAvoid;
        return;
    }
    // It may be less than before: after a failover, or when another server took the name.
    replica.replayed = *replayed;
    replica.fresh_at = Time::min();
    for (auto const& sample : samples_) {
        if (sample.position <= *replayed) replica.fresh_at = std::max(replica.fresh_at, sample.at);
    }
}

/// Not with the limits of the caller, whose haste says nothing about the server.
std::optional<std::uint64_t> PgReplicas::position_of(PgPool& pool, std::string_view sql) const {
    ReadLimits const limits{.deadline = now() + kQuestion};
    auto connection = pool.take(limits);
    if (!connection) return std::nullopt;
    (*connection)->begin(&limits, Scope::organization({}));
    auto const position = Read(**connection).one<std::int64_t>(sql, {});
    (*connection)->finish();
    bool const strayed = (*connection)->strayed();
    pool.give_back(std::move(*connection));
    if (!position || !*position || strayed) return std::nullopt;
    return static_cast<std::uint64_t>(**position);
}

void PgReplicas::avoid(PgPool const* pool) {
    std::lock_guard const lock(mutex_);
    auto const found = std::ranges::find(replicas_, pool, [](Replica const& replica) { return replica.pool.get(); });
    if (found != replicas_.end()) found->avoided_until = now() + kAvoid;
}

void PgReplicas::wrote(PgWriters::Written const& written) {
    std::lock_guard const lock(mutex_);
    auto const needed = written.position == 0 ? Needed{.at = now()} : Needed{.position = written.position};
    if (written.caller.empty() && written.organization.empty()) return floor_.add(needed);
    for (auto const* who : {&written.caller, &written.organization}) {
        if (!who->empty()) written_[*who].add(needed);
    }
    if (written_.size() > kMaxCallers) forget_some();
}

/// First what every replica shows by now.
void PgReplicas::forget_some() {
    std::erase_if(written_, [this](auto const& one) {
        return std::ranges::all_of(replicas_, [&](Replica const& replica) { return shows(replica, one.second); });
    });
    if (written_.size() <= kMaxCallers / 2) return;
    for (auto const& [name, needed] : written_) floor_.add(needed);
    written_.clear();
}

std::size_t PgReplicas::open() const {
    std::size_t open = 0;
    for (auto const& replica : replicas_) open += replica.pool->open();
    return open;
}

void PgReplicas::close() {
    for (auto const& replica : replicas_) replica.pool->close();
}

}  // namespace nexpo::store
