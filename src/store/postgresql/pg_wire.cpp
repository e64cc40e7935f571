// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_wire.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <stop_token>

#include "store/call_errors.hpp"
#include "store/postgresql/pg_error.hpp"

namespace nexpo::store {

namespace {

bool is_state_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/// With PQERRORS_SQLSTATE the server's own refusal ends with its code, in whatever language the rest is.
std::string_view state_of(std::string_view message) {
    while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.remove_suffix(1);
    if (message.size() < 7) return {};
    auto const state = message.substr(message.size() - 5);
    bool const is_state = std::ranges::all_of(state, is_state_digit) && message[message.size() - 6] == ' ';
    return is_state ? state : std::string_view();
}

}  // namespace

void PgClear::operator()(pg_result* result) const noexcept {
    PQclear(result);
}

void PgClear::operator()(pg_conn* connection) const noexcept {
    PQfinish(connection);
}

PgWire::PgWire() = default;
PgWire::~PgWire() = default;

Result<std::unique_ptr<PgWire>> PgWire::connect(PgUrl const& url, PgUse use, PgPatience patience, std::size_t& first,
                                                std::string& detail) {
    Error error = pg_unavailable();
    for (std::size_t i = 0; i < url.hosts(); ++i) {
        auto const host = (first + i) % url.hosts();
        // Not the caller's deadline alone: a host that swallows packets must not use up the time of the next one.
        ReadLimits limits = patience.limits == nullptr ? ReadLimits{} : *patience.limits;
        limits.deadline = std::min(limits.deadline, patience.clock->steady_now() + url.connect_timeout());
        std::unique_ptr<PgWire> wire(new PgWire());
        std::string why;
        auto opened = wire->open(url.connection_text(host, use), {&limits, patience.clock}, why);
        if (opened) {
            first = host;
            return wire;
        }
        detail.append(detail.empty() ? "" : "; ").append(why);
        error = std::move(opened).error();
        if (error.code == Errc::cancelled) return error;
        if (error.code == Errc::deadline_exceeded) {
            if (patience.limits != nullptr && patience.clock->steady_now() >= patience.limits->deadline) return error;
            detail += "no answer in time from " + url.name();
            error = pg_unavailable();
        }
        if (error.reason == "database_refused") return error;  // the others would say the same
    }
    return error;
}

Result<void> PgWire::open(std::string const& text, PgPatience patience, std::string& detail) {
    connection_.reset(PQconnectStart(text.c_str()));
    auto* const connection = connection_.get();
    if (connection == nullptr) return pg_unavailable();
    PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
    // Without a receiver libpq prints the server's notices.
    PQsetNoticeReceiver(
        connection, [](void*, PGresult const*) {}, nullptr);
    auto polled = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (polled != PGRES_POLLING_OK && polled != PGRES_POLLING_FAILED) {
        auto const event = polled == PGRES_POLLING_READING ? Event::read : Event::write;
        if (auto waited = wait(event, patience); !waited) return waited;
        polled = PQconnectPoll(connection);
    }
    if (polled == PGRES_POLLING_FAILED) {
        detail = PQerrorMessage(connection);
        while (!detail.empty() && detail.back() == '\n') detail.pop_back();
        auto const state = state_of(detail);
        auto error = state.empty() ? pg_unavailable() : pg_error(state, {}, "connecting");
        return error;
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) return pg_unavailable();
    return {};
}

bool PgWire::lost() const noexcept {
    return PQstatus(connection_.get()) == CONNECTION_BAD;
}

Result<void> PgWire::wait(Event event, PgPatience patience) {
    auto const* limits = patience.limits;
    bool const stoppable = limits != nullptr && limits->stop.stop_possible();
    if (stoppable && !wakeup_) wakeup_ = std::make_unique<PgWakeup>();
    short const events = event == Event::read ? POLLIN : event == Event::write ? POLLOUT : POLLIN | POLLOUT;
    std::array<pollfd, 2> polled{{{PQsocket(connection_.get()), events, 0}, {-1, POLLIN, 0}}};
    if (stoppable) {
        wakeup_->silence();
        polled[1].fd = wakeup_->event();
    }
    std::stop_callback const on_stop(stoppable ? limits->stop : std::stop_token(), [this] { wakeup_->ring(); });
    while (true) {
        auto left = patience.silence;
        if (limits != nullptr && limits->deadline != std::chrono::steady_clock::time_point::max()) {
            left = std::min(
                left, std::chrono::ceil<std::chrono::milliseconds>(limits->deadline - patience.clock->steady_now()));
            if (left.count() <= 0) return late_error();
        }
        bool const endless = left == std::chrono::milliseconds::max();
        int const timeout = endless ? -1 : static_cast<int>(std::min<std::int64_t>(left.count(), INT_MAX));
        int const count = poll(polled.data(), stoppable ? 2 : 1, timeout);
        if (count < 0 && errno != EINTR) return pg_unavailable();
        if (stoppable && limits->stop.stop_requested()) return stopped_error();
        if (count > 0 && polled[0].revents != 0) return {};
        // The deadline is a time of the injected clock; the wait itself is measured by the machine's.
        if (count == 0) return left == patience.silence ? pg_unavailable() : late_error();
    }
}

Result<bool> PgWire::flush(PgPatience patience) {
    while (true) {
        int const left = PQflush(connection_.get());
        if (left == 0) return true;
        if (left < 0) return false;
        if (auto waited = wait(Event::both, patience); !waited) return std::move(waited).error();
        // A server that waits for us to read what it wrote reads nothing.
        if (PQconsumeInput(connection_.get()) == 0) return false;
    }
}

Result<PgResult> PgWire::next(PgPatience patience) {
    while (PQisBusy(connection_.get()) != 0) {
        auto flushed = flush(patience);
        if (!flushed) return std::move(flushed).error();
        if (auto waited = wait(Event::read, patience); !waited) return std::move(waited).error();
        if (PQconsumeInput(connection_.get()) == 0) break;
    }
    return PgResult(PQgetResult(connection_.get()));
}

Result<PgResult> PgWire::run_script(std::string const& sql) {
    auto* const connection = connection_.get();
    if (PQexitPipelineMode(connection) != 1 || PQsetnonblocking(connection, 0) != 0) return pg_unavailable();
    PgResult result(PQexec(connection, sql.c_str()));
    if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) return pg_unavailable();
    return result;
}

}  // namespace nexpo::store
