// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/gate.hpp"
#include "net/http_client.hpp"
#include "net/timers.hpp"
#include "net/transfers.hpp"

namespace nexpo::net {

/// A thread behind `HttpClient`, one for each `UrlSource`, which share nothing: no user can have the operator's
/// requests refused or held up. Requests, addresses and wishes to stop come in through a queue; everything else is
/// touched by the thread alone.
///
/// A request's way: let in when it is its peer's turn, admitted by the peer's circuit, looked up, connected to one
/// address after the other, sent; then perhaps redirected or, after a wait, begun again. Redirected to another origin,
/// a request of the operator's goes on as a user's, on the other thread.
class HttpEngine : public std::enable_shared_from_this<HttpEngine> {
 public:
    using Done = HttpClient::Done;

    /// `users` goes on with what becomes a user's; null is for the users' own.
    HttpEngine(HttpClientOptions options, AddressGuard guard, std::unique_ptr<Transfers> transfers,
               std::shared_ptr<HttpEngine> users);
    HttpEngine(HttpEngine const&) = delete;
    HttpEngine& operator=(HttpEngine const&) = delete;
    ~HttpEngine();

    /// Errors: resource_exhausted.
    Result<void> start();
    void send(HttpRequest request, Done done);
    bool on_own_thread() const noexcept { return std::this_thread::get_id() == thread_id_.load(); }
    void add_to(HttpClientStats& stats) const;
    void wake();
    void close();

 private:
    struct Call;
    using CallPointer = std::shared_ptr<Call>;
    using Task = std::function<void()>;

    /// False when the engine is closed, and the task was dropped.
    bool post(Task task);
    void work();
    bool run_tasks();
    std::chrono::milliseconds time_to_next_timer() const;

    /// A part of the call's way. What is thrown there, for want of memory or randomness, ends this call only.
    template <class Function>
    void step(CallPointer const& call, Function const& function);
    void accept(CallPointer const& call);
    void enter(CallPointer const& call);
    void leave(Call& call);
    void next_turn(std::string const& peer);
    void take_turns();
    void begin_attempt(CallPointer const& call);
    using Found = void (HttpEngine::*)(CallPointer const&, Result<std::vector<IpAddress>>);
    void look_up(CallPointer const& call, std::string const& host, UrlSource source, Found next);
    void found_proxy(CallPointer const& call, Result<std::vector<IpAddress>> addresses);
    void look_up_peer(CallPointer const& call);
    void found(CallPointer const& call, Result<std::vector<IpAddress>> addresses);
    void connect(CallPointer const& call);
    void transferred(CallPointer const& call, TransferOutcome outcome);
    void attempted(CallPointer const& call, Result<HttpResponse> outcome);
    void redirect(CallPointer const& call, int status, Url const& target);
    void hand_over(CallPointer const& call);
    bool repeat(CallPointer const& call, Result<HttpResponse> const& outcome);
    /// True when this opened the circuit.
    bool record(Call& call, Verdict verdict);
    /// It is ours no more.
    void withdraw(Call& call);
    void finish(CallPointer call, Result<HttpResponse> outcome);
    /// The end of `finish`, and all of it for a call that never came in. On any thread.
    void answer(Call& call, Result<HttpResponse> outcome) noexcept;

    HttpClientOptions const options_;
    AddressGuard const guard_;
    std::unique_ptr<Transfers> const transfers_;
    std::shared_ptr<HttpEngine> const users_;

    std::mutex join_mutex_;
    std::thread thread_;
    std::atomic<std::thread::id> thread_id_{};

    std::mutex mutex_;
    std::vector<Task> tasks_;
    bool closed_ = false;

    // Of the thread.
    std::unordered_map<std::uint64_t, CallPointer> calls_;
    std::uint64_t last_id_ = 0;
    Timers timers_;
    CircuitBreakers circuits_;
    Gate gate_;
    std::deque<Gate::Turn> turns_;  // given, not yet taken

    std::atomic<std::size_t> under_way_{0};
    std::atomic<std::uint64_t> requests_{0};
    std::atomic<std::uint64_t> responses_{0};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::uint64_t> retries_{0};
    std::atomic<std::uint64_t> redirects_{0};
    std::atomic<std::uint64_t> addresses_refused_{0};
    std::atomic<std::uint64_t> circuits_opened_{0};
    std::atomic<std::uint64_t> circuit_refusals_{0};
};

}  // namespace nexpo::net
