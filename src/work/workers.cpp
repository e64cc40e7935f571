// SPDX-License-Identifier: Apache-2.0
#include "work/workers.hpp"

#include <algorithm>
#include <utility>

#include "work/job_service.hpp"

namespace nexpo::work {

namespace {

/// Jobs that were taken and not begun for so long are given to others.
constexpr std::chrono::seconds kStalled{1};
/// A signal of another process may be lost; then its jobs are found by looking.
constexpr std::chrono::microseconds kLongestPause = std::chrono::seconds(1);
constexpr std::chrono::microseconds kShortestPause = std::chrono::milliseconds(1);
/// Attempts that go on without a thread, at a time; beyond that, only jobs of other kinds are taken.
constexpr std::size_t kMostAway = 512;

bool goes_away(Engine::Attempt const& attempt) {
    return attempt->kind.begin != nullptr;
}

}  // namespace

void Workers::listen() {
    std::call_once(listens_, [this] {
        queued_ = signals_.listen(std::string(kJobsQueued), [this](std::string_view) { bell_.ring(); });
        cancelled_ = signals_.listen(std::string(kJobCancelled), [this](std::string_view id) { stop(id); });
    });
}

void Workers::start(std::size_t threads) {
    listen();
    threads_wanted_ = threads;
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
    finder_ = std::thread([this] { find(); });
}

void Workers::close() {
    std::vector<Engine::Attempt> unbegun;
    std::vector<Engine::Attempt> begun;
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
        unbegun.assign(waiting_.begin(), waiting_.end());
        waiting_.clear();
        begun = running_;
    }
    changed_.notify_all();
    bell_.ring();
    for (auto const& attempt : begun) attempt->stop.request_stop();
    engine_.give_back(unbegun);
    if (finder_.joinable()) finder_.join();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return running_.empty() && callers_ == 0; });
}

void Workers::find() {
    bool full = false;
    while (!closing()) {
        auto const agenda = full ? std::optional(Agenda{.ready = true, .next = {}}) : look();
        bool const later_due = agenda && agenda->next && *agenda->next <= engine_.clock().now();
        full = agenda && (agenda->ready || later_due) && fill(later_due);
        give_up_waiting();
        renew_in_time();
        bell_.wait(pause(agenda, full));
    }
    keep_running();
}

bool Workers::closing() {
    std::lock_guard const lock(mutex_);
    return closing_;
}

/// Until the last one is over.
void Workers::keep_running() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kLongestPause, [this] { return running_.empty(); })) {
        lock.unlock();
        renew_in_time();
        lock.lock();
    }
}

/// Nothing when the database does not answer, which is logged once.
std::optional<Agenda> Workers::look() {
    auto agenda = engine_.agenda();
    if (!agenda && !failing_) log_.error("jobs cannot be found", {{"reason", agenda.error().reason}});
    failing_ = !agenda;
    return agenda ? std::optional(*agenda) : std::nullopt;
}

/// Takes as many jobs as there is room for; true when there may be more. Without room it moves on what is due, if
/// `moves`: schedules, later attempts, jobs of workers that were lost.
bool Workers::fill(bool moves) {
    std::size_t room = 0;
    auto wanted = Wanted::all;
    {
        std::lock_guard const lock(mutex_);
        room = closing_ || busy() >= most() ? 0 : most() - busy();
        if (away_ >= kMostAway) wanted = Wanted::holding_a_thread;
    }
    if (room == 0 && !moves) return false;
    auto attempts = engine_.take(static_cast<std::int64_t>(room), engine_.lease(), wanted);
    if (!attempts) {
        if (!std::exchange(take_failing_, true)) {
            log_.error("jobs cannot be taken", {{"reason", attempts.error().reason}});
        }
        return false;
    }
    take_failing_ = false;
    bool const full = room > 0 && attempts->size() == room;
    {
        std::lock_guard const lock(mutex_);
        if (!closing_) {
            waiting_.insert(waiting_.end(), attempts->begin(), attempts->end());
            attempts->clear();
        }
    }
    changed_.notify_all();
    engine_.give_back(*attempts);
    return full;
}

/// Jobs that this process could take.
std::size_t Workers::most() const {
    return threads_wanted_ * prefetch_.per_thread();
}

/// Jobs that have a thread, or wait for one.
std::size_t Workers::busy() const {
    return waiting_.size() + running_.size() - away_;
}

/// Whether more jobs should be looked for.
bool Workers::has_room() const {
    return busy() == most() / 2 || busy() <= threads_wanted_;
}

/// Others may have a thread for what waits here behind long jobs, or behind many that are slower than those before.
void Workers::give_up_waiting() {
    std::vector<Engine::Attempt> waiting;
    {
        std::lock_guard const lock(mutex_);
        if (waiting_.empty() || engine_.clock().steady_now() - waiting_.front()->taken() < kStalled) return;
        prefetch_.stalled();
        waiting.assign(waiting_.begin(), waiting_.end());
        waiting_.clear();
    }
    engine_.give_back(waiting);
}

void Workers::renew_in_time() {
    auto const now = engine_.clock().steady_now();
    if (now - renewed_ < engine_.lease() / 3) return;
    renewed_ = now;
    engine_.renew(taken());
}

std::chrono::microseconds Workers::pause(std::optional<Agenda> const& agenda, bool full) const {
    if (full) return kShortestPause;
    if (!agenda || !agenda->next || take_failing_) return kLongestPause;
    return std::clamp<std::chrono::microseconds>(*agenda->next - engine_.clock().now(), kShortestPause, kLongestPause);
}

void Workers::serve() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        auto attempt = std::move(waiting_.front());
        waiting_.pop_front();
        running_.push_back(attempt);
        if (goes_away(attempt)) ++away_;
        bool const room = goes_away(attempt) && has_room();
        auto const begin = engine_.clock().steady_now();
        lock.unlock();
        if (room) bell_.ring();
        run(attempt);
        attempt.reset();
        auto const time = engine_.clock().steady_now() - begin;
        lock.lock();
        prefetch_.ran(time);
    }
}

void Workers::run(Engine::Attempt const& attempt) {
    engine_.run(attempt, [this, attempt] { finished(attempt); });
}

void Workers::finished(Engine::Attempt const& attempt) {
    bool room = false;
    {
        std::lock_guard const lock(mutex_);
        std::erase(running_, attempt);
        if (goes_away(attempt)) --away_;
        room = has_room();
        if (closing_ || callers_ > 0) changed_.notify_all();
    }
    if (room) bell_.ring();
}

std::vector<Engine::Attempt> Workers::taken() {
    std::lock_guard const lock(mutex_);
    std::vector<Engine::Attempt> attempts(running_.begin(), running_.end());
    attempts.insert(attempts.end(), waiting_.begin(), waiting_.end());
    return attempts;
}

void Workers::stop(std::string_view job_id) {
    // Outside of the lock, as a handler may have a function called when it is to stop.
    for (auto const& attempt : taken()) {
        if (attempt->job.id == job_id) attempt->stop.request_stop();
    }
}

Result<std::int64_t> Workers::work(WorkOptions const& options) {
    {
        std::lock_guard const lock(mutex_);
        if (closing_) return 0;
        ++callers_;
    }
    auto count = work_here(options);
    std::lock_guard const lock(mutex_);
    --callers_;
    changed_.notify_all();
    return count;
}

Result<std::int64_t> Workers::work_here(WorkOptions const& options) {
    listen();
    std::int64_t count = 0;
    while (count < options.max_jobs && !(options.until && engine_.clock().now() >= *options.until)) {
        auto const attempt = engine_.take_alone();  // nobody renews leases meanwhile
        if (!attempt) return attempt.error();
        if (*attempt == nullptr || !run_here(*attempt)) break;
        ++count;
    }
    return count;
}

/// Runs an attempt on this thread and waits until it is over. False at the end of everything, when it is left to
/// others.
bool Workers::run_here(Engine::Attempt const& attempt) {
    std::unique_lock lock(mutex_);
    if (closing_) {
        lock.unlock();
        engine_.give_back({&attempt, 1});
        return false;
    }
    running_.push_back(attempt);
    if (goes_away(attempt)) ++away_;
    lock.unlock();
    run(attempt);
    lock.lock();
    changed_.wait(lock, [&] { return std::ranges::find(running_, attempt) == running_.end(); });
    return true;
}

}  // namespace nexpo::work
