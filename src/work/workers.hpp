// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "work/bell.hpp"
#include "work/engine.hpp"
#include "work/prefetch.hpp"

namespace nexpo::work {

/// The threads that run jobs in this process: one finds them and renews their leases, the others call handlers.
class Workers {
 public:
    Workers(Engine& engine, store::Signals& signals, telemetry::Logger log)
        : engine_(engine), signals_(signals), log_(std::move(log)) {}
    ~Workers() { close(); }
    Workers(Workers const&) = delete;
    Workers& operator=(Workers const&) = delete;

    void start(std::size_t threads);
    /// Looks for due jobs now.
    void wake() noexcept { bell_.ring(); }
    /// Begins no more jobs, gives those that are not begun to others, asks those that run to stop, and waits for them;
    /// they stay ours meanwhile.
    void close();
    /// Runs due jobs on the calling thread; answers how many attempts were made. Errors: unavailable.
    Result<std::int64_t> work(WorkOptions const& options);

 private:
    void listen();
    /// Asks an attempt of this process at the job to stop.
    void stop(std::string_view job_id);
    void find();
    bool closing();
    void keep_running();
    std::optional<Agenda> look();
    bool fill(bool moves);
    std::size_t most() const;
    std::size_t busy() const;
    bool has_room() const;
    void give_up_waiting();
    void renew_in_time();
    std::chrono::microseconds pause(std::optional<Agenda> const& agenda, bool full) const;
    void serve();
    void run(Engine::Attempt const& attempt);
    Result<std::int64_t> work_here(WorkOptions const& options);
    bool run_here(Engine::Attempt const& attempt);
    void finished(Engine::Attempt const& attempt);
    std::vector<Engine::Attempt> taken();

    Engine& engine_;
    store::Signals& signals_;
    telemetry::Logger log_;
    Bell bell_;
    std::size_t threads_wanted_ = 0;
    bool failing_ = false;       ///< Jobs cannot be found.
    bool take_failing_ = false;  ///< They can, and cannot be taken.
    std::chrono::steady_clock::time_point renewed_{};

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Engine::Attempt> waiting_;   ///< Taken and not begun.
    std::vector<Engine::Attempt> running_;  ///< Begun and not over.
    std::size_t away_ = 0;                  ///< Those of them that go on without a thread.
    Prefetch prefetch_;
    std::size_t callers_ = 0;  ///< Threads in `work`.
    bool closing_ = false;
    std::thread finder_;
    std::vector<std::thread> threads_;

    std::once_flag listens_;
    store::Signals::Listening queued_;
    store::Signals::Listening cancelled_;
};

}  // namespace nexpo::work
