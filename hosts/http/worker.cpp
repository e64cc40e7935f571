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
    thread_ = std::thread([this] { context_.run(); });
}

void Worker::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void Worker::serve(Socket socket, std::string peer, bool full) {
    asio::dispatch(context_, [this, socket = std::move(socket), peer = std::move(peer), full]() mutable {
        bool const refused = full && !evict_idle();
        auto connection = std::make_shared<Connection>(std::move(socket), std::move(peer), *this, server_);
        connections_.insert(connection);
        if (!sweeping_) sweep();
        asio::co_spawn(context_, refused ? connection->refuse() : connection->serve(),
                       [this, connection](std::exception_ptr failure) {
                           if (failure) server_.log.write(failure_line(failure));
                           remove(connection);
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
    auto const now = std::chrono::steady_clock::now();
    for (auto const& connection : connections_) connection->check_time(now);
    sweep_timer_.expires_after(kSweepInterval);
    sweep_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) sweep();
    });
}

void Worker::remove(std::shared_ptr<Connection> const& connection) {
    connection->abort();
    connections_.erase(connection);
    if (server_.connections.fetch_sub(1) == 1 && server_.draining) server_.on_last_closed();
}

}  // namespace nexpo::http_host
