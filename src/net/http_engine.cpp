// SPDX-License-Identifier: Apache-2.0
#include "net/http_engine.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <stop_token>
#include <system_error>
#include <utility>

#include "net/http_error.hpp"
#include "net/quiet_thread.hpp"
#include "net/request_rules.hpp"
#include "net/retry.hpp"

namespace nexpo::net {
namespace {

using Time = std::chrono::steady_clock::time_point;

/// More than these are not tried: each takes its share of the time to connect.
constexpr std::size_t kMaxAddresses = 4;

/// Whether the outcome says that the peer is ill; statuses below 500 are the caller's affair.
Verdict verdict_of(Result<HttpResponse> const& outcome) {
    if (outcome) return outcome->status >= 500 ? Verdict::failed : Verdict::healthy;
    auto const& reason = outcome.error().reason;
    if (reason == "response_too_large") return Verdict::healthy;
    return outcome.error().code == Errc::unavailable || reason == "response_invalid" ? Verdict::failed
                                                                                     : Verdict::unknown;
}

std::size_t requests_at_once(HttpClientOptions const& options) {
    return static_cast<std::size_t>(std::max(options.max_connections, 1));
}

std::size_t requests_per_host(HttpClientOptions const& options) {
    return static_cast<std::size_t>(std::max(options.max_requests_per_host, 1));
}

}  // namespace

struct HttpEngine::Call {
    HttpRequest request;
    Done done;
    Url url{};
    Time deadline{};
    bool repeatable = false;

    std::uint64_t id = 0;
    int attempts = 0;
    int redirects = 0;
    std::optional<Admission> admission{};  // of the attempt under way
    std::string peer{};                    // whose circuit and turn that is
    bool inside = false;                   // the attempt came through the gate
    std::stop_source lookup{std::nostopstate};
    std::vector<IpAddress> proxy_addresses{};
    std::vector<IpAddress> addresses{};
    std::size_t next_address = 0;
    std::optional<Transfers::Id> transfer{};
    std::optional<Timers::Id> time_limit{};
    std::optional<Timers::Id> wait{};
    std::optional<std::stop_callback<Task>> on_stop{};
};

HttpEngine::HttpEngine(HttpClientOptions options, AddressGuard guard, std::unique_ptr<Transfers> transfers,
                       std::shared_ptr<HttpEngine> users)
    : options_(std::move(options)),
      guard_(std::move(guard)),
      transfers_(std::move(transfers)),
      users_(std::move(users)),
      circuits_(options_.circuit),
      gate_(requests_at_once(options_), requests_per_host(options_)) {}

HttpEngine::~HttpEngine() = default;

Result<void> HttpEngine::start() {
    try {
        thread_ = quiet_thread([self = shared_from_this()] { self->work(); });
    } catch (std::system_error const&) {
        return Error{.code = Errc::resource_exhausted,
                     .reason = "threads_unavailable",
                     .message = "The system gave no thread for HTTP requests."};
    }
    return {};
}

void HttpEngine::close() {
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
        transfers_->wake();
    }
    {
        std::lock_guard const lock(join_mutex_);
        if (!thread_.joinable()) return;
        // A completion that drops the client cannot wait for itself.
        if (on_own_thread()) {
            thread_.detach();
        } else {
            thread_.join();
        }
    }
    options_.resolver->close();
}

void HttpEngine::wake() {
    transfers_->wake();
}

void HttpEngine::add_to(HttpClientStats& stats) const {
    stats.under_way += under_way_.load();
    stats.requests += requests_.load();
    stats.responses += responses_.load();
    stats.failures += failures_.load();
    stats.retries += retries_.load();
    stats.redirects += redirects_.load();
    stats.connections_opened += transfers_->connections_opened();
    stats.addresses_refused += addresses_refused_.load();
    stats.circuits_opened += circuits_opened_.load();
    stats.circuit_refusals += circuit_refusals_.load();
}

bool HttpEngine::post(Task task) {
    std::lock_guard const lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) transfers_->wake();
    return true;
}

void HttpEngine::send(HttpRequest request, Done done) {
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->repeatable = is_repeatable(call->request);
    requests_.fetch_add(1);

    std::optional<Error> refusal;
    if (under_way_.fetch_add(1) >= options_.max_requests) {
        refusal = client_busy();
    } else if (auto checked = check_request(call->request); !checked) {
        refusal = checked.error();
    } else if (auto url = parse_url(call->request.url); !url) {
        refusal = url.error();
    } else {
        call->url = std::move(*url);
        call->deadline = options_.clock->steady_now() + call->request.timeout;
    }
    bool const posted = post([this, call, refusal = std::move(refusal)] {
        if (refusal) {
            answer(*call, *refusal);
        } else {
            step(call, [&] { accept(call); });
        }
    });
    if (!posted) answer(*call, client_closed());
}

void HttpEngine::work() {
    thread_id_.store(std::this_thread::get_id());
    while (run_tasks()) {
        timers_.run(options_.clock->steady_now());
        take_turns();
        transfers_->run(time_to_next_timer());
    }
    while (!calls_.empty()) finish(calls_.begin()->second, client_closed());
}

bool HttpEngine::run_tasks() {
    std::vector<Task> tasks;
    bool open = true;
    {
        std::lock_guard const lock(mutex_);
        tasks.swap(tasks_);
        open = !closed_;
    }
    for (auto const& task : tasks) task();
    return open;
}

std::chrono::milliseconds HttpEngine::time_to_next_timer() const {
    constexpr std::chrono::milliseconds kLongest{60'000};
    auto const next = timers_.next();
    if (!next) return kLongest;
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(*next - options_.clock->steady_now());
    return std::clamp(left, std::chrono::milliseconds(0), kLongest);
}

template <class Function>
void HttpEngine::step(CallPointer const& call, Function const& function) {
    try {
        function();
    } catch (std::exception const&) {
        finish(call, request_broke());
    }
}

void HttpEngine::accept(CallPointer const& call) {
    call->id = ++last_id_;
    calls_.emplace(call->id, call);
    call->time_limit = timers_.add(call->deadline, [this, call] {
        call->time_limit.reset();
        step(call, [&] { finish(call, timed_out()); });
    });
    if (call->request.stop.stop_requested()) return finish(call, cancelled());
    if (call->request.stop.stop_possible()) {
        call->on_stop.emplace(call->request.stop, [weak = weak_from_this(), id = call->id] {
            auto const engine = weak.lock();
            if (!engine) return;
            engine->post([self = engine.get(), id] {
                auto const found = self->calls_.find(id);
                if (found == self->calls_.end()) return;
                CallPointer const stopped = found->second;
                self->step(stopped, [&] { self->finish(stopped, cancelled()); });
            });
        });
    }
    enter(call);
}

void HttpEngine::enter(CallPointer const& call) {
    call->peer = call->url.origin();
    if (!gate_.enter(call->peer, call->id)) return;
    call->inside = true;
    begin_attempt(call);
}

void HttpEngine::leave(Call& call) {
    if (std::exchange(call.inside, false)) next_turn(call.peer);
}

void HttpEngine::next_turn(std::string const& peer) {
    for (auto& turn : gate_.leave(peer)) turns_.push_back(std::move(turn));
}

void HttpEngine::take_turns() {
    while (!turns_.empty()) {
        auto const turn = std::move(turns_.front());
        turns_.pop_front();
        auto const found = calls_.find(turn.id);
        if (found == calls_.end()) {  // it has been given up
            next_turn(turn.peer);
        } else {
            CallPointer const call = found->second;
            call->inside = true;
            step(call, [&] { begin_attempt(call); });
        }
    }
}

void HttpEngine::begin_attempt(CallPointer const& call) {
    auto const admission = circuits_.admit(call->peer, options_.clock->steady_now());
    if (!admission.granted) {
        circuit_refusals_.fetch_add(1);
        return finish(call, circuit_open(admission.retry_after));
    }
    call->admission = admission;
    ++call->attempts;
    call->addresses.clear();
    call->next_address = 0;
    auto const* const proxy = transfers_->proxy();
    if (proxy == nullptr || IpAddress::parse(proxy->url.host)) return look_up_peer(call);
    look_up(call, proxy->url.host, UrlSource::configuration, &HttpEngine::found_proxy);
}

void HttpEngine::look_up(CallPointer const& call, std::string const& host, UrlSource source, Found next) {
    if (auto const literal = IpAddress::parse(host)) return (this->*next)(call, std::vector{*literal});
    auto done = [weak = weak_from_this(), id = call->id, next](Result<std::vector<IpAddress>> addresses) {
        auto const engine = weak.lock();
        if (!engine) return;
        engine->post([self = engine.get(), id, next, addresses = std::move(addresses)] {
            auto const waiting = self->calls_.find(id);
            if (waiting == self->calls_.end()) return;
            CallPointer const call = waiting->second;
            self->step(call, [&] { (self->*next)(call, addresses); });
        });
    };
    call->lookup = std::stop_source();
    options_.resolver->resolve(host, source, call->lookup.get_token(), std::move(done));
}

void HttpEngine::found_proxy(CallPointer const& call, Result<std::vector<IpAddress>> addresses) {
    if (!addresses) {
        return attempted(call, addresses.error().reason == "name_not_resolved" ? proxy_failed() : addresses.error());
    }
    call->proxy_addresses = std::move(*addresses);
    look_up_peer(call);
}

void HttpEngine::look_up_peer(CallPointer const& call) {
    auto const source = call->request.source;
    bool const proxys_affair = transfers_->proxy() != nullptr && source == UrlSource::configuration;
    if (proxys_affair) return connect(call);
    look_up(call, call->url.host, source, &HttpEngine::found);
}

void HttpEngine::found(CallPointer const& call, Result<std::vector<IpAddress>> addresses) {
    if (!addresses) return attempted(call, addresses.error());
    if (call->request.source == UrlSource::user) {
        std::erase_if(*addresses, [&](IpAddress const& each) { return !guard_.allows(call->url.host, each); });
        if (addresses->empty()) return attempted(call, address_refused());
    }
    if (addresses->empty()) return attempted(call, name_not_resolved());
    if (addresses->size() > kMaxAddresses) addresses->resize(kMaxAddresses);
    call->addresses = std::move(*addresses);
    connect(call);
}

void HttpEngine::connect(CallPointer const& call) {
    Transfer transfer{.request = &call->request,
                      .url = call->url,
                      .proxy_addresses = call->proxy_addresses,
                      .connect_timeout = call->request.connect_timeout,
                      .guarded = call->request.source == UrlSource::user,
                      .repeatable = call->repeatable};
    if (!call->addresses.empty()) {
        auto const share = transfer.connect_timeout / static_cast<int>(call->addresses.size());
        transfer.connect_timeout = std::max(share, std::chrono::milliseconds(1));
        transfer.peer = call->addresses[call->next_address++];
    }
    call->transfer = transfers_->start(std::move(transfer), [this, call](TransferOutcome outcome) {
        call->transfer.reset();
        step(call, [&] { transferred(call, std::move(outcome)); });
    });
}

void HttpEngine::transferred(CallPointer const& call, TransferOutcome outcome) {
    bool const unreachable = !outcome.response && outcome.response.error().reason == "connect_failed";
    if (unreachable && call->next_address < call->addresses.size()) return connect(call);
    attempted(call, std::move(outcome.response));
}

void HttpEngine::attempted(CallPointer const& call, Result<HttpResponse> outcome) {
    if (!outcome && outcome.error().reason == "address_refused") addresses_refused_.fetch_add(1);
    leave(*call);
    bool const opened = record(*call, verdict_of(outcome));
    if (!opened && repeat(call, outcome)) return;
    if (outcome && call->request.max_redirects > 0) {
        auto const target = redirect_target(*outcome, call->url);
        if (!target) return finish(call, redirect_refused("A redirect leads to a URL that is not valid."));
        if (*target) return redirect(call, outcome->status, **target);
    }
    finish(call, std::move(outcome));
}

bool HttpEngine::repeat(CallPointer const& call, Result<HttpResponse> const& outcome) {
    if (!call->repeatable) return false;
    auto const& policy = call->request.retry ? *call->request.retry : options_.retry;
    auto const wait = retry_wait(policy, call->attempts, outcome, options_.clock->now(), *options_.random);
    auto const now = options_.clock->steady_now();
    if (!wait || now + *wait >= call->deadline) return false;
    retries_.fetch_add(1);
    call->wait = timers_.add(now + *wait, [this, call] {
        call->wait.reset();
        step(call, [&] { enter(call); });
    });
    if (options_.on_retry) {
        options_.on_retry({.origin = call->url.origin(), .attempts = call->attempts, .wait = *wait});
    }
    return true;
}

void HttpEngine::redirect(CallPointer const& call, int status, Url const& target) {
    if (call->redirects >= call->request.max_redirects) return finish(call, redirect_refused("Too many redirects."));
    if (auto done = follow_redirect(call->request, status, call->url, target); !done) return finish(call, done.error());
    call->repeatable = is_repeatable(call->request);
    ++call->redirects;
    redirects_.fetch_add(1);
    call->url = target;
    call->attempts = 0;
    if (users_ && call->request.source == UrlSource::user) return hand_over(call);
    enter(call);
}

void HttpEngine::hand_over(CallPointer const& call) {
    withdraw(*call);
    bool const posted = users_->post([users = users_.get(), call] {
        users->under_way_.fetch_add(1);
        users->step(call, [&] { users->accept(call); });
    });
    if (!posted) return finish(call, client_closed());
    under_way_.fetch_sub(1);
}

bool HttpEngine::record(Call& call, Verdict verdict) {
    auto const admission = std::exchange(call.admission, std::nullopt);
    if (!admission) return false;
    bool const opened = circuits_.record(call.peer, verdict, admission->probe, options_.clock->steady_now());
    if (opened) circuits_opened_.fetch_add(1);
    return opened;
}

void HttpEngine::withdraw(Call& call) {
    if (auto const timer = std::exchange(call.time_limit, std::nullopt)) timers_.cancel(*timer);
    if (auto const timer = std::exchange(call.wait, std::nullopt)) timers_.cancel(*timer);
    call.on_stop.reset();
    call.lookup.request_stop();
    calls_.erase(call.id);
}

void HttpEngine::finish(CallPointer call, Result<HttpResponse> outcome) {
    if (!call->done) return;  // what failed came after the answer
    bool const peer_was_slow = call->transfer && !outcome && outcome.error().reason == "timed_out";
    record(*call, peer_was_slow ? Verdict::failed : Verdict::unknown);
    leave(*call);
    if (auto const transfer = std::exchange(call->transfer, std::nullopt)) transfers_->cancel(*transfer);
    withdraw(*call);
    if (outcome) outcome->attempts = call->attempts;
    answer(*call, std::move(outcome));
}

void HttpEngine::answer(Call& call, Result<HttpResponse> outcome) noexcept {
    under_way_.fetch_sub(1);
    (outcome ? responses_ : failures_).fetch_add(1);
    auto const done = std::exchange(call.done, nullptr);
    done(std::move(outcome));
}

}  // namespace nexpo::net
