// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_signals.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/json_write.hpp"

namespace nexpo::store {

namespace {

constexpr char const* kListen = "LISTEN nexpo";
constexpr char const* kNotify = "SELECT pg_notify('nexpo', signal) FROM json_array_elements_text($1::json) AS signal";
/// Between two sendings; what comes meanwhile goes together, and equal signals once.
constexpr std::chrono::milliseconds kSendPause{2};
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr std::chrono::seconds kAnswerTime{30};

std::chrono::steady_clock::time_point now() {
    return std::chrono::steady_clock::now();
}

struct FreeNotification {
    void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
};

}  // namespace

void PgSignals::begin() {
    std::lock_guard const lock(mutex_);
    if (begun_ || closing_ || !server_->url().prepares()) return;
    begun_ = true;
    thread_ = std::thread([this] { work(); });
}

void PgSignals::carry(std::string_view topic, std::string_view payload) {
    {
        std::lock_guard const lock(mutex_);
        if (!begun_ || closing_) return;
        if (!waiting_.add(topic, payload)) return;
    }
    wakeup_.ring();
}

void PgSignals::close() {
    Signals::close();
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    stop_.request_stop();
    wakeup_.ring();
    if (thread_.joinable()) thread_.join();
}

bool PgSignals::closing() {
    std::lock_guard const lock(mutex_);
    return closing_;
}

void PgSignals::work() {
    auto pause = kFirstPause;
    while (!closing()) {
        if (connect()) {
            pause = kFirstPause;
            // What others sent before this has not been heard.
            hear_of_everything();
            while (serve()) {
            }
        }
        wire_.reset();
        auto const until = now() + pause;
        pause = std::min(pause * 2, kLongestPause);
        while (!closing() && now() < until) wait(until);
    }
}

bool PgSignals::connect() {
    ReadLimits const limits{.stop = stop_.get_token()};
    auto wire = server_->connect(&limits);
    if (!wire) return false;  // logged by the server
    wire_ = std::move(*wire);
    auto* const connection = wire_->get();
    if (PQexitPipelineMode(connection) != 1) return false;
    return run(kListen, nullptr);
}

/// One round; false when the connection is lost or the end has come.
bool PgSignals::serve() {
    if (!receive() || closing()) return false;
    bool waiting = false;
    {
        std::lock_guard const lock(mutex_);
        waiting = !waiting_.empty();
    }
    if (!waiting) return wait(Time::max());
    if (now() < next_send_) return wait(next_send_);
    auto const signals = take();
    if (!send(signals)) {
        std::lock_guard const lock(mutex_);
        waiting_.put_back(signals);
        return false;
    }
    next_send_ = now() + kSendPause;
    return true;
}

std::set<std::string> PgSignals::take() {
    std::lock_guard const lock(mutex_);
    return waiting_.take();
}

bool PgSignals::send(std::set<std::string> const& signals) {
    std::string list = "[";
    for (auto const& signal : signals) {
        if (list.size() > 1) list += ',';
        base::append_string(list, signal);
    }
    list += ']';
    return run(kNotify, list.c_str());
}

bool PgSignals::run(char const* sql, char const* parameter) {
    auto* const connection = wire_->get();
    std::array<char const*, 1> const values{parameter};
    int const count = parameter == nullptr ? 0 : 1;
    if (PQsendQueryParams(connection, sql, count, nullptr, values.data(), nullptr, nullptr, 0) != 1) return false;
    bool done = false;
    while (true) {
        if (!wait_for_answer()) return false;
        PgResult const result(PQgetResult(connection));
        if (!result) return done;
        auto const status = PQresultStatus(result.get());
        done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    }
}

bool PgSignals::wait_for_answer() {
    auto* const connection = wire_->get();
    auto const until = now() + kAnswerTime;
    while (true) {
        int const left = PQflush(connection);
        if (left < 0) return false;
        if (left == 0 && PQisBusy(connection) == 0) return true;
        if (now() >= until || closing() || !wait(until, left > 0)) return false;
        if (PQconsumeInput(connection) == 0) return false;
    }
}

/// Tells what has come from others.
bool PgSignals::receive() {
    auto* const connection = wire_->get();
    if (PQconsumeInput(connection) == 0) return false;
    while (std::unique_ptr<PGnotify, FreeNotification> const notification{PQnotifies(connection)}) {
        if (notification->be_pid == PQbackendPID(connection)) continue;
        auto const [topic, payload] = SignalBuffer::split(notification->extra);
        if (!topic.empty()) hear(topic, payload);
    }
    return PQstatus(connection) == CONNECTION_OK;
}

/// Until the server or somebody here wants something. False when the operating system refuses.
bool PgSignals::wait(Time until, bool writes) {
    int timeout = -1;
    if (until != Time::max()) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - now()).count();
        timeout = static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
    }
    std::array<pollfd, 2> polled{{{wakeup_.event(), POLLIN, 0}, {-1, 0, 0}}};
    if (wire_) polled[1] = {PQsocket(wire_->get()), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0};
    int const count = poll(polled.data(), polled.size(), timeout);
    if (count < 0) return errno == EINTR;
    if (polled[0].revents != 0) wakeup_.silence();
    return true;
}

}  // namespace nexpo::store
