// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "store/postgresql/pg_server.hpp"
#include "store/postgresql/pg_wakeup.hpp"
#include "store/postgresql/pg_wire.hpp"
#include "store/signal_buffer.hpp"
#include "store/signals.hpp"

namespace nexpo::store {

/// Carries signals with NOTIFY to all processes on the database, over one connection with a thread. They are not sent
/// by the transactions that they speak of, because commits with a NOTIFY wait for each other (PostgreSQL 14: async.c,
/// PreCommit_Notify takes a lock on the whole database cluster), but after them and many at once.
///
/// Through a pooler (`prepare=off`) nobody listens: a pooled connection is another one for each transaction.
class PgSignals final : public Signals {
 public:
    explicit PgSignals(std::shared_ptr<PgServer> server) : server_(std::move(server)) {}
    ~PgSignals() override { PgSignals::close(); }

    void close() override;

 protected:
    void begin() override;
    void carry(std::string_view topic, std::string_view payload) override;

 private:
    using Time = std::chrono::steady_clock::time_point;

    void work();
    bool connect();
    bool serve();
    bool send(std::set<std::string> const& signals);
    bool run(char const* sql, char const* parameter);
    bool receive();
    bool wait(Time until, bool writes = false);
    bool wait_for_answer();
    std::set<std::string> take();
    bool closing();

    std::shared_ptr<PgServer> server_;
    PgWakeup wakeup_;
    std::stop_source stop_;

    std::mutex mutex_;
    SignalBuffer waiting_;
    bool begun_ = false;
    bool closing_ = false;

    // Of the thread.
    std::unique_ptr<PgWire> wire_;
    Time next_send_{};

    std::thread thread_;
};

}  // namespace nexpo::store
