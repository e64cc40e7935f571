// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>
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

    /// Takes a connection over; a refused one is told so and closed. From any thread.
    void serve(Socket socket, std::string peer, bool refused);
    /// Lets requests under way finish and closes what stays idle. From any thread.
    void drain();
    /// Closes every connection. From any thread.
    void abort();

    /// The current time as the `Date` header has it.
    std::string_view date();

 private:
    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

    void sweep();
    void remove(std::shared_ptr<Connection> const& connection);

    ServerState& server_;
    asio::io_context context_{1};
    asio::executor_work_guard<Executor> work_{context_.get_executor()};
    Timer sweep_timer_{context_};
    Timer drain_timer_{context_};
    bool sweeping_ = false;
    std::unordered_set<std::shared_ptr<Connection>> connections_;
    std::time_t date_time_ = 0;
    std::string date_;
    std::thread thread_;
};

}  // namespace nexpo::http_host
