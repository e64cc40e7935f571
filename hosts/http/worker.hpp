// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>
#include <exception>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "http/asio_types.hpp"
#include "http/server_state.hpp"

namespace nexpo::http_host {

class Connection;

/// One I/O thread with its connections. Everything but the public functions that say otherwise runs on its thread.
class Worker {
 public:
    explicit Worker(ServerState& server);
    ~Worker();
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;

    Executor executor() { return context_.get_executor(); }

    void start();  ///< Starts the thread.
    void stop();   ///< Ends the thread and waits for it. From any thread.

    /// Takes a connection over; closes it when there is no memory for it. When the server is `full`, an idle connection
    /// makes room for it: the one that has been idle for longest on this thread, else on the next one that has any;
    /// without one it is told so and closed. From any thread.
    void serve(Socket socket, std::string peer, bool full) noexcept;
    /// The worker to ask next for an idle connection, in a ring of all. Before any `serve`.
    void set_neighbor(Worker& neighbor) { neighbor_ = &neighbor; }
    /// Lets requests under way finish and closes what stays idle. From any thread.
    void drain();
    /// Closes every connection. From any thread.
    void abort();

    /// The current time as the `Date` header has it.
    std::string_view date();
    /// The idle connections, those first that have been idle for longest.
    std::list<Connection*>& idle() { return idle_; }
    /// Logs at debug level why a client could not be spoken to; only a few times a second.
    void report_handshake(std::string_view peer, std::string_view reason);

 private:
    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

    void run();
    void take(Socket socket, std::string peer, bool full);
    void begin(std::shared_ptr<Connection> const& connection, bool refused);
    void seek_room(Worker& newcomers, std::weak_ptr<Connection> newcomer);
    bool evict_idle();
    void sweep();
    void wait_to_sweep();
    void remove(std::shared_ptr<Connection> const& connection);
    void count_down();
    void report_failure(std::exception_ptr const& failure) noexcept;

    ServerState& server_;
    Worker* neighbor_ = this;
    asio::io_context context_{1};
    asio::executor_work_guard<Executor> work_{context_.get_executor()};
    Timer sweep_timer_{context_};
    Timer drain_timer_{context_};
    bool sweeping_ = false;
    std::unordered_set<std::shared_ptr<Connection>> connections_;
    std::list<Connection*> idle_;
    int reported_handshakes_ = 0;
    std::time_t reported_time_ = 0;
    std::time_t date_time_ = 0;
    std::string date_;
    std::thread thread_;
};

}  // namespace nexpo::http_host
