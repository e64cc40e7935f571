// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "store/postgresql/pg_connection.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// Threads that write, each with a connection of its own. A closure runs SERIALIZABLE, unless it locks what it relies
/// on, and again when others changed the same records at the same time. Thread-safe.
class PgWriters {
 public:
    /// Who has to see a commit, and where the write-ahead log stood after it.
    struct Written {
        std::string caller;
        std::string organization;  ///< For which it was written, where that is another one than the caller.
        std::uint64_t position;    ///< 0: unknown.
    };
    /// Hears of each commit, before its answer; null: nobody asks.
    using Wrote = std::function<void(Written const& written)>;

    PgWriters(std::shared_ptr<PgServer> server, std::size_t count, Wrote wrote);
    ~PgWriters();
    PgWriters(PgWriters const&) = delete;
    PgWriters& operator=(PgWriters const&) = delete;

    void submit(Access access, Store::WriteClosure closure, Store::WriteDone done);
    StoreStats stats() const;
    void close();

 private:
    struct Item {
        Access access;
        Store::WriteClosure closure;
        Store::WriteDone done;
        int waits = 0;  ///< For a connection.
    };
    struct Worker {
        explicit Worker(std::shared_ptr<PgServer> server, unsigned seed)
            : connection(std::move(server)), jitter(seed) {}

        PgConnection connection;
        std::minstd_rand jitter;
        std::condition_variable wake;
        bool counted = false;  ///< Among the connected.
        std::thread thread;
    };
    using Lock = std::unique_lock<std::mutex>;

    Result<void> enqueue(Item& item);
    void wake_one();
    void work(Worker& worker);
    bool leave_to_others(Worker& worker, Item& item, Error const& error);
    Result<void> run(Worker& worker, Item const& item);
    void count_connection(Worker& worker);
    void pause(Worker& worker, int attempt);

    Wrote wrote_;
    mutable std::mutex mutex_;
    std::deque<Item> queue_;
    std::vector<Worker*> idle_;  ///< The last one to fall idle is woken first: its connection exists and is warm.
    std::size_t connected_ = 0;
    StoreStats stats_;
    bool closing_ = false;
    bool given_up_ = false;  ///< The server did not answer while closing: what is still queued is not tried.
    std::once_flag closed_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace nexpo::store
