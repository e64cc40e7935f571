// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/postgresql/pg_pool.hpp"
#include "store/postgresql/pg_writers.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// Servers that replay what the primary wrote. A read may go to one that is not far behind and has replayed everything
/// that its caller wrote through this process. Thread-safe.
///
/// How far a replica is behind is found out by the reads themselves: now and then one asks the primary where its log
/// stands. A replica that has replayed up to there is as fresh as the moment at which the primary was asked.
class PgReplicas {
 public:
    PgReplicas(std::vector<std::shared_ptr<PgServer>> const& servers, std::shared_ptr<PgServer> const& fallback,
               PgPool& primary, std::size_t readers, std::chrono::milliseconds longest_lag);

    /// Where to read, or null for the primary.
    PgPool* choose(Access const& access);
    /// The pool's server does not answer: it is left alone for a while.
    void avoid(PgPool const* pool);
    /// Something was committed. Where nobody knows for whom, everybody has to see it.
    void wrote(PgWriters::Written const& written);

    std::size_t open() const;
    void close();

 private:
    using Time = std::chrono::steady_clock::time_point;

    struct Replica {
        std::unique_ptr<PgPool> pool;
        std::uint64_t replayed = 0;
        Time fresh_at = Time::min();  ///< It shows everything that was committed by then.
        Time asked_at = Time::min();
        Time avoided_until = Time::min();
    };
    struct Sample {
        Time at;
        std::uint64_t position;
    };

    /// What a replica must show.
    struct Needed {
        std::uint64_t position = 0;
        Time at = Time::min();  ///< Of a commit whose position is unknown.

        void add(Needed const& other);
    };

    using Lock = std::unique_lock<std::mutex>;

    static bool shows(Replica const& replica, Needed const& needed);
    bool usable(Lock& lock, Replica& replica, Needed const& needed);
    Needed needed_by(std::string const& caller);
    void ask_primary();
    /// Lets the lock go meanwhile.
    void ask(Lock& lock, Replica& replica);
    std::optional<std::uint64_t> position_of(PgPool& pool, std::string_view sql) const;
    void forget_some();
    Time now() const { return clock_.steady_now(); }

    PgPool& primary_;
    Clock& clock_;
    std::chrono::milliseconds longest_lag_;
    std::vector<Replica> replicas_;

    std::mutex mutex_;
    std::size_t next_ = 0;
    std::deque<Sample> samples_;  ///< Oldest first.
    Time sampled_at_ = Time::min();
    std::unordered_map<std::string, Needed> written_;
    Needed floor_;  ///< What everybody needs, since nobody knows who wrote it.
};

}  // namespace nexpo::store
