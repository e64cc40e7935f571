// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http/asio_types.hpp"
#include "http/body_budget.hpp"
#include "http/request_reader.hpp"
#include "http/response_text.hpp"
#include "http/server_state.hpp"
#include "http/stream.hpp"
#include "http/web_socket.hpp"

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

    void check_time(Clock::time_point now);  ///< Interrupts what has taken too long.
    void close_if_idle();                    ///< Closes it unless a request has begun to arrive; ends a stream.
    void abort();                            ///< Closes it in the middle of whatever it does.
    /// Since when no byte of the next request has arrived; only for idle ones.
    Clock::time_point idle_since() const { return idle_since_; }

 private:
    /// What a request was, kept for its response and its log line after the library has taken it over.
    struct Exchange {
        std::string method{};
        std::string target{};
        std::string client{};  ///< Behind a proxy, else empty.
        Clock::time_point begin{};
        Persistence persistence = Persistence::close;
    };

    Awaitable<bool> shake_hands();
    Awaitable<bool> serve_one();
    Awaitable<bool> wait_for_request();
    Awaitable<std::optional<Fault>> read(RequestReader& reader, BodyShare& share);
    Awaitable<std::optional<Fault>> read_more(std::size_t most);
    Awaitable<std::optional<Fault>> begin_body(RequestReader const& reader, BodyShare& share);
    Awaitable<Response> answer(Request request);
    Awaitable<bool> write(Exchange const& exchange, Response const& response);
    Awaitable<bool> finish_write(Step step, Output output);

    // Bodies that go on, and channels: connection_flow.cpp.
    Awaitable<void> stream(Exchange const& exchange, Response const& response);
    Awaitable<void> converse(Exchange const& exchange, Request request, std::shared_ptr<Channel> channel);
    Awaitable<bool> converse_once(Channel& channel, SocketReader& reader);
    Awaitable<bool> hear(Channel& channel, SocketReader& reader);
    template <class T>
    Awaitable<T> run(bool may_block, std::function<T()> const& function);
    Awaitable<void> pause();
    Step listen();
    Awaitable<void> rest();
    Awaitable<bool> send(std::string_view text);
    std::function<void()> stirrer();
    void stir();
    void set_beat();
    Awaitable<void> linger();
    Awaitable<bool> wait(Step step);

    Step receive(std::size_t most);
    void identify(Exchange& exchange, Request& request) const;
    /// What a request for a WebSocket leads to; null when it is an ordinary one.
    std::shared_ptr<Channel> find_channel(Request const& request) const;
    Persistence persistence_of(RequestReader const& reader);
    void begin_idle();
    void end_idle();
    void look_for_end(Clock::time_point now);
    void set_deadline(std::int64_t seconds);
    void set_deadline(Clock::duration time);
    void log(Exchange const& exchange, Response const& response) const;
    void log(Exchange const& exchange, Response const& response, std::size_t bytes) const;

    Stream stream_;
    std::string peer_;
    Worker& worker_;
    ServerState& server_;
    boost::beast::flat_buffer buffer_;
    std::string head_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point idle_since_;
    Clock::time_point give_up_at_ = Clock::time_point::max();  ///< When a call for a half-closed client is stopped.
    std::stop_source stop_{std::nostopstate};                  ///< Of the call that the client waits for.
    std::list<Connection*> place_{this};  ///< Its node, which stands in the worker's list while it is idle.
    std::list<Connection*>::iterator node_ = place_.begin();
    bool proxied_ = false;  ///< The peer is a trusted proxy.
    bool timed_out_ = false;
    bool lost_ = false;     ///< The client has gone or sends nothing sensible: nothing more is written.
    bool served_ = false;   ///< At least one request has been answered.
    bool idle_ = false;     ///< No byte of the next request has arrived.
    bool closing_ = false;  ///< Not to wait for another request.

    /// Of a body that goes on, or a channel.
    struct Flow {
        Clock::time_point beat_at = Clock::time_point::max();  ///< When to show that the connection lives.
        std::size_t sent = 0;
        int silent_beats = 0;  ///< Heartbeats since the client was heard of.
        bool on = false;
        bool resting = false;  ///< Waits for something to happen.
        bool stirred = false;  ///< Something has happened.
        bool beat = false;     ///< The time for a heartbeat has come.
        bool ending = false;   ///< The server drains.
        bool heard = false;    ///< A message of the client has come.
    } flow_;
};

}  // namespace nexpo::http_host
