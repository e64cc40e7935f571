// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http/asio_types.hpp"
#include "http/request_reader.hpp"
#include "http/response_text.hpp"
#include "http/server_state.hpp"

namespace nexpo::http_host {

class Worker;

/// One client's connection: reads a request, has it answered, writes the response, and so on. Lives on its worker's
/// thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
    using Clock = std::chrono::steady_clock;

    Connection(Socket socket, std::string peer, Worker& worker, ServerState& server);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    Awaitable<void> serve();   ///< Answers requests until the connection ends.
    Awaitable<void> refuse();  ///< Says that there are too many connections.

    void check_deadline(Clock::time_point now);  ///< Interrupts what has taken too long.
    void close_if_idle();                        ///< Closes it unless a request has begun to arrive.
    void abort();                                ///< Closes it in the middle of whatever it does.

 private:
    /// What a request was, kept for its response and its log line after the library has taken it over.
    struct Exchange {
        std::string method{};
        std::string target{};
        Clock::time_point begin{};
        Persistence persistence = Persistence::close;
    };

    Awaitable<bool> serve_one();
    Awaitable<bool> wait_for_request();
    Awaitable<bool> read_some(std::size_t most);
    Awaitable<std::optional<Fault>> read(RequestReader& reader);
    Awaitable<Response> answer(Request request);
    Awaitable<bool> write(Exchange const& exchange, Response response);
    Awaitable<bool> write_all(std::string_view head, std::string_view body);
    Awaitable<void> linger();

    Persistence persistence_of(RequestReader const& reader);
    void watch_for_disconnect(std::stop_source stop);
    void set_deadline(Clock::duration time);
    void log(Exchange const& exchange, Response const& response) const;

    Socket socket_;
    std::string peer_;
    Worker& worker_;
    ServerState& server_;
    boost::beast::flat_buffer buffer_;
    std::string head_;
    Clock::time_point deadline_ = Clock::time_point::max();
    asio::cancellation_signal stop_watching_;
    std::stop_source stop_{std::nostopstate};
    bool timed_out_ = false;
    bool lost_ = false;     ///< The client has gone or sends nothing sensible: nothing more is written.
    bool served_ = false;   ///< At least one request has been answered.
    bool idle_ = false;     ///< No byte of the next request has arrived.
    bool closing_ = false;  ///< Not to wait for another request.
};

}  // namespace nexpo::http_host
