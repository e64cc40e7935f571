// SPDX-License-Identifier: Apache-2.0
#include "http/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "http/connection.hpp"
#include "http/response_text.hpp"
#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

namespace {

using namespace std::chrono_literals;

/// Time limits are kept to this precision; one timer serves all connections of a thread.
constexpr auto kSweepInterval = 100ms;
/// How long an idle connection may still send a request when the server drains.
constexpr auto kDrainGrace = 250ms;

/// A connection that has been idle for less than this does not have to make room for a new one.
constexpr auto kLeastIdle = 1s;
/// Failed handshakes that are logged each second.
constexpr int kHandshakesReported = 10;

std::string failure_line(std::exception_ptr const& failure) {
    std::string what;
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& exception) {
        what = exception.what();
    } catch (...) {
        what = "an exception of unknown type";
    }
    LogField const fields[] = {{"error", std::string_view(what)}};
    return to_json_line({system_clock()->now(), LogLevel::error, "connection failed", fields});
}

}  // namespace

Worker::Worker(ServerState& server) : server_(server) {}

Worker::~Worker() {
    stop();
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

/// Whatever is thrown, for want of memory above all, costs the connection that it happened to and not the process.
void Worker::run() {
    bool ended = false;
    while (!ended) {
        try {
            if (sweeping_) wait_to_sweep();  // this may be what was interrupted
            context_.run();
            ended = true;
        } catch (...) {
            report_failure(std::current_exception());
        }
    }
}

void Worker::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void Worker::serve(Socket socket, std::string peer, bool full) noexcept {
    try {
        asio::post(context_, [this, socket = std::move(socket), peer = std::move(peer), full]() mutable {
            take(std::move(socket), std::move(peer), full);
        });
    } catch (...) {
        count_down();
        report_failure(std::current_exception());
    }
}

void Worker::take(Socket socket, std::string peer, bool full) {
    std::shared_ptr<Connection> connection;
    try {
        connection = std::make_shared<Connection>(std::move(socket), std::move(peer), *this, server_);
        connections_.insert(connection);
    } catch (...) {
        count_down();
        throw;
    }
    try {
        if (!sweeping_) sweep();
        if (!full || evict_idle()) return begin(connection, false);
        if (neighbor_ == this) return begin(connection, true);
        neighbor_->seek_room(*this, connection);
    } catch (...) {
        remove(connection);
        throw;
    }
}

void Worker::begin(std::shared_ptr<Connection> const& connection, bool refused) {
    asio::co_spawn(context_, refused ? connection->refuse() : connection->serve(),
                   [this, connection](std::exception_ptr failure) {
                       remove(connection);
                       if (failure) report_failure(failure);
                   });
}

/// Asks one worker after the other, until it is the newcomer's own again. Only that one may own the newcomer.
void Worker::seek_room(Worker& newcomers, std::weak_ptr<Connection> newcomer) {
    asio::post(context_, [this, &newcomers, newcomer = std::move(newcomer)] {
        bool const found = this != &newcomers && evict_idle();
        if (!found && this != &newcomers) return neighbor_->seek_room(newcomers, newcomer);
        asio::post(newcomers.context_, [&newcomers, newcomer, found] {
            auto const connection = newcomer.lock();
            if (!connection) return;
            try {
                newcomers.begin(connection, !found);
            } catch (...) {
                newcomers.remove(connection);
                throw;
            }
        });
    });
}

void Worker::drain() {
    asio::post(context_, [this] {
        drain_timer_.expires_after(kDrainGrace);
        drain_timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            for (auto const& connection : connections_) connection->close_if_idle();
        });
    });
}

void Worker::abort() {
    asio::post(context_, [this] {
        for (auto const& connection : connections_) connection->abort();
    });
}

std::string_view Worker::date() {
    auto const now = std::time(nullptr);
    if (now != date_time_) {
        date_time_ = now;
        date_ = http_date(now);
    }
    return date_;
}

void Worker::report_handshake(std::string_view peer, std::string_view reason) {
    if (server_.log_config.level != LogThreshold::debug) return;
    auto const now = std::time(nullptr);
    if (now != reported_time_) reported_handshakes_ = 0;
    reported_time_ = now;
    if (++reported_handshakes_ > kHandshakesReported) return;
    LogField const fields[] = {{"peer", peer}, {"reason", reason}};
    server_.log.write(to_json_line({system_clock()->now(), LogLevel::debug, "TLS handshake failed", fields}));
}

bool Worker::evict_idle() {
    if (idle_.empty()) return false;
    auto& connection = *idle_.front();
    if (std::chrono::steady_clock::now() - connection.idle_since() < kLeastIdle) return false;
    connection.close_if_idle();
    return true;
}

void Worker::sweep() {
    sweeping_ = !connections_.empty();
    if (!sweeping_) return;
    wait_to_sweep();
    auto const now = std::chrono::steady_clock::now();
    for (auto const& connection : connections_) connection->check_time(now);
}

void Worker::wait_to_sweep() {
    sweep_timer_.expires_after(kSweepInterval);
    sweep_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sweep();
    });
}

void Worker::remove(std::shared_ptr<Connection> const& connection) {
    connection->abort();
    if (connections_.erase(connection) != 0) count_down();
}

void Worker::count_down() {
    if (server_.connections.fetch_sub(1) == 1 && server_.draining) server_.on_last_closed();
}

void Worker::report_failure(std::exception_ptr const& failure) noexcept {
    try {
        server_.log.write(failure_line(failure));
    } catch (std::exception const&) {
        return;  // not even a line could be put together, for want of memory
    }
}

}  // namespace nexpo::http_host
