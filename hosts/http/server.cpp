// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/server_state.hpp"
#include "http/worker.hpp"
#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

namespace {

using namespace std::chrono_literals;
using ErrorCode = boost::system::error_code;

/// Connections over the limit that are told so at the same time; more are closed without a word.
constexpr std::size_t kRefusedAtOnce = 256;
/// How long a handshake that has begun may take to end after the server stopped listening.
constexpr auto kHandshakeGrace = 100ms;
/// How long accepting pauses when the system has no descriptor or memory left.
constexpr auto kAcceptPause = 50ms;

/// How often certificates are looked for.
constexpr auto kCertificateInterval = 1s;

RequestLimits limits_of(HttpSettings const& settings) {
    return {.header_bytes = static_cast<std::size_t>(settings.http.header_bytes),
            .header_count = static_cast<std::size_t>(settings.http.header_count),
            .body_bytes = static_cast<std::size_t>(settings.backend.gateway.body_bytes)};
}

/// As many as there are processors that this process may use, which may be fewer than the machine has.
std::size_t count_workers(std::int64_t configured) {
    if (configured != 0) return static_cast<std::size_t>(configured);
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

/// Accepts connections, deals them out and ends all in good order. Lives on the main thread.
class Server {
 public:
    Server(HttpSettings const& settings, Gateway gateway, ListenSocket listener,
           std::shared_ptr<hosts::TlsContext const> tls, hosts::LogWriter& log)
        : state_{.config = settings.http,
                 .tls = settings.tls,
                 .request_limits = limits_of(settings),
                 .forwarding = Forwarding(settings.http),
                 .gateway = gateway,
                 .pool = {static_cast<std::size_t>(settings.http.blocking_threads),
                          static_cast<std::size_t>(settings.http.blocking_queue)},
                 .log_config = settings.log,
                 .log = log,
                 .certificates = {settings.tls, std::move(tls),
                                  [this](LogLevel level, std::string_view message, std::string_view detail) {
                                      report(level, message, detail);
                                  }},
                 .bodies = BodyBudget(static_cast<std::size_t>(settings.http.bodies_bytes))},
          url_(listener.url(settings.tls.is_on() ? "https" : "http")),
          acceptor_(control_, listener.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), listener.release()),
          signals_(control_, SIGINT, SIGTERM),
          hangup_(control_, SIGHUP) {
        state_.on_last_closed = [this] { asio::post(control_, [this] { end_if_drained(); }); };
        auto const count = count_workers(settings.http.threads);
        for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(state_));
        for (std::size_t i = 0; i < count; ++i) workers_[i]->set_neighbor(*workers_[(i + 1) % count]);
    }

    /// All threads end before the first worker goes: they ask each other for room.
    ~Server() {
        for (auto const& worker : workers_) worker->stop();
    }
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;

    /// Returns when every connection is closed, or has had its time.
    void run() {
        for (auto const& worker : workers_) worker->start();
        acceptor_.non_blocking(true);
        report(LogLevel::info, "listening", url_);
        wait_for_connections();
        wait_for_hangup();
        if (state_.tls.is_on()) look_at_certificates();
        signals_.async_wait([this](ErrorCode error, int) {
            if (error) return;
            signals_.async_wait([](ErrorCode second, int signal) {
                if (!second) ::_exit(128 + signal);
            });
            drain();
        });
        while (!control_.stopped()) run_control();
    }

    /// Answers what still waits for a thread of the pool.
    void stop_pool() { state_.pool.stop(); }

 private:
    /// Want of memory costs what was being done, and not the host.
    void run_control() try { control_.run(); } catch (std::bad_alloc const&) {
        return;
    }

    using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

    void wait_for_connections() {
        acceptor_.async_wait(Acceptor::wait_read, [this](ErrorCode error) {
            if (error) return;
            if (accept_all()) return wait_for_connections();
            timer_.expires_after(kAcceptPause);
            timer_.async_wait([this](ErrorCode cancelled) {
                if (!cancelled) wait_for_connections();
            });
        });
    }

    void wait_for_hangup() {
        hangup_.async_wait([this](ErrorCode error, int) {
            if (error) return;
            wait_for_hangup();
            state_.certificates.reload();
        });
    }

    void look_at_certificates() {
        certificate_timer_.expires_after(kCertificateInterval);
        certificate_timer_.async_wait([this](ErrorCode error) {
            if (error) return;
            look_at_certificates();
            state_.certificates.look();
        });
    }

    /// Takes every connection that waits. False when the system lacks what a connection needs.
    bool accept_all() try {
        while (true) {
            auto& worker = *workers_[next_worker_ % workers_.size()];
            asio::ip::tcp::endpoint peer;
            ErrorCode error;
            Socket socket(worker.executor());
            acceptor_.accept(socket, peer, error);
            if (error == asio::error::would_block) return true;
            if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
            if (error) {
                report(LogLevel::warning, "cannot accept connections", error.message());
                return false;
            }
            ++next_worker_;
            deal(worker, std::move(socket), peer.address());
        }
    } catch (std::bad_alloc const&) {
        return false;
    }

    void deal(Worker& worker, Socket socket, asio::ip::address address) {
        auto const most = static_cast<std::size_t>(state_.config.max_connections);
        if (address.is_v6() && address.to_v6().is_v4_mapped()) {
            address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
        }
        auto text = address.to_string();
        auto const open = state_.connections.fetch_add(1);
        ErrorCode error;
        socket.non_blocking(true, error);
        if (!error) socket.set_option(asio::ip::tcp::no_delay(true), error);
        if (error || open >= most + kRefusedAtOnce) {
            state_.connections.fetch_sub(1);
            return;
        }
        worker.serve(std::move(socket), std::move(text), open >= most);
    }

    /// Nobody who has connected is left without an answer: the system is told to ignore further clients before the
    /// last ones are accepted, as closing the listener would reset those who came in between.
    void drain() {
        report(LogLevel::info, "draining", {});
        state_.draining = true;
        for (auto const& worker : workers_) worker->drain();
        bool const ignoring = ignore_new_connections(acceptor_.native_handle());
        accept_all();
        timer_.expires_after(ignoring ? Timer::duration(kHandshakeGrace) : Timer::duration::zero());
        timer_.async_wait([this](ErrorCode) { stop_listening(); });
        force_timer_.expires_after(std::chrono::seconds(state_.config.drain_seconds));
        force_timer_.async_wait([this](ErrorCode) { cut_off(); });
    }

    void stop_listening() {
        accept_all();
        ErrorCode error;
        acceptor_.close(error);
        if (error) report(LogLevel::warning, "cannot close the listening socket", error.message());
        end_if_drained();
    }

    void end_if_drained() {
        if (!acceptor_.is_open() && state_.connections == 0) control_.stop();
    }

    void cut_off() {
        auto const count = std::to_string(state_.connections.load());
        report(LogLevel::warning, "connections were cut off, as http.drain_seconds have passed", count);
        for (auto const& worker : workers_) worker->abort();
        control_.stop();
    }

    void report(LogLevel level, std::string_view message, std::string_view detail) {
        if (static_cast<LogLevel>(state_.log_config.level) > level) return;
        LogField const field{"detail", detail};
        state_.log.write(
            to_json_line({system_clock()->now(), level, message, {&field, detail.empty() ? std::size_t{0} : 1}}));
    }

    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

    asio::io_context control_{1};  // before the workers, whose threads post to it until they end
    ServerState state_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::size_t next_worker_ = 0;
    std::string url_;
    Acceptor acceptor_;
    asio::basic_signal_set<Executor> signals_;
    asio::basic_signal_set<Executor> hangup_;
    Timer timer_{control_};
    Timer certificate_timer_{control_};
    Timer force_timer_{control_};
};

}  // namespace

void serve(HttpSettings const& settings, Backend const& backend, ListenSocket listener,
           std::shared_ptr<hosts::TlsContext const> tls, hosts::LogWriter& log, std::function<void()> const& announce) {
    Server server(settings, backend.gateway(), std::move(listener), std::move(tls), log);
    announce();  // whoever reads it may send a signal at once: from here on it is caught
    server.run();
    // In this order: each step may still complete requests on the I/O threads, which end last.
    server.stop_pool();
    backend.close();
}

}  // namespace nexpo::http_host
