// SPDX-License-Identifier: Apache-2.0
#include "http/connection.hpp"

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>

#include "http/access_log.hpp"
#include "http/answer.hpp"
#include "http/worker.hpp"

namespace nexpo::http_host {

namespace {

using namespace std::chrono_literals;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kHeaderRead = 2048;
constexpr std::size_t kBodyRead = 65'536;
/// A buffer that a large request has stretched beyond this is given back before the next one.
constexpr std::size_t kKeptBuffer = 16'384;
/// How long what the client still sends is read and dropped after the last response.
constexpr auto kLinger = 2s;
constexpr auto kLingerDraining = 250ms;

std::chrono::seconds seconds(std::int64_t count) {
    return std::chrono::seconds(count);
}

Response fault_response(Fault fault) {
    switch (fault) {
        case Fault::header_too_large:
            return problem(431, Errc::invalid_argument, "headers_too_large", "The headers are too large.");
        case Fault::body_too_large:
            return problem(413, Errc::invalid_argument, "body_too_large", "The body is too large.");
        case Fault::expectation_unknown:
            return problem(417, Errc::invalid_argument, "expectation_unknown", "Only 100-continue can be expected.");
        case Fault::timed_out:
            return problem(408, Errc::deadline_exceeded, "request_timeout", "The request took too long to arrive.");
        case Fault::malformed:
            break;
    }
    return problem(400, Errc::invalid_argument, "request_malformed", "This is not an HTTP/1.1 request.");
}

Response busy_response(std::string_view reason, std::string_view detail) {
    auto response = problem(503, Errc::unavailable, reason, detail);
    response.headers.push_back({"Retry-After", "1"});
    return response;
}

}  // namespace

Connection::Connection(Socket socket, std::string peer, Worker& worker, ServerState& server)
    : socket_(std::move(socket)), peer_(std::move(peer)), worker_(worker), server_(server) {}

Connection::~Connection() = default;

Awaitable<void> Connection::serve() {
    bool more = true;
    while (more) more = co_await serve_one();
    if (!lost_) co_await linger();
}

Awaitable<void> Connection::refuse() {
    Exchange const exchange{.begin = Clock::now()};
    auto response = busy_response("too_many_connections", "The server has too many connections.");
    bool const written = co_await write(exchange, std::move(response));
    if (written) co_await linger();
}

Awaitable<bool> Connection::serve_one() {
    bool const begun = co_await wait_for_request();
    if (!begun) co_return false;

    Exchange exchange{.begin = Clock::now()};
    RequestReader reader(static_cast<std::size_t>(server_.config.header_bytes), server_.body_bytes);
    auto const fault = co_await read(reader);
    if (lost_) co_return false;

    exchange.method = reader.request().method;
    exchange.target = reader.request().target;
    Response response;
    if (fault) {
        response = fault_response(*fault);
        exchange.persistence = Persistence::close;
    } else {
        response = co_await answer(std::move(reader.request()));
        exchange.persistence = persistence_of(reader);
    }
    bool const written = co_await write(exchange, std::move(response));
    served_ = true;
    co_return written&& exchange.persistence != Persistence::close;
}

Awaitable<bool> Connection::wait_for_request() {
    if (buffer_.size() != 0) co_return true;
    if (buffer_.capacity() > kKeptBuffer) buffer_ = {};
    set_deadline(seconds(served_ ? server_.config.idle_seconds : server_.config.header_seconds));
    idle_ = true;
    bool begun = co_await read_some(kHeaderRead);
    if (!begun && closing_ && !timed_out_) {
        // The request may have come at the very moment at which the wait for it was ended.
        ErrorCode error;
        if (socket_.available(error) != 0) begun = co_await read_some(kHeaderRead);
    }
    idle_ = false;
    if (!begun) lost_ = true;
    co_return begun;
}

Awaitable<bool> Connection::read_some(std::size_t most) {
    ErrorCode error;
    auto const space = buffer_.prepare(most);
    auto const count = co_await socket_.async_read_some(space, asio::redirect_error(use_awaitable, error));
    buffer_.commit(count);
    co_return !error;
}

Awaitable<std::optional<Fault>> Connection::read(RequestReader& reader) {
    set_deadline(seconds(server_.config.header_seconds));
    bool in_body = false;
    while (true) {
        if (auto const fault = reader.consume(buffer_)) co_return fault;
        if (reader.is_done()) break;
        if (reader.is_header_done() && !in_body) {
            in_body = true;
            if (reader.awaits_continue() && buffer_.size() == 0) {
                bool const written = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
                if (!written) lost_ = true;
                if (!written) co_return std::nullopt;
            }
            set_deadline(seconds(server_.config.body_seconds));
        }
        bool const arrived = co_await read_some(in_body ? kBodyRead : kHeaderRead);
        if (timed_out_) co_return Fault::timed_out;
        if (!arrived) lost_ = true;
        if (!arrived) co_return std::nullopt;
    }
    deadline_ = Clock::time_point::max();
    co_return std::nullopt;
}

Awaitable<Response> Connection::answer(Request request) {
    request.peer = peer_;
    auto const answer = std::make_shared<Answer>(worker_.executor());
    auto const done = [answer](Response response) { answer->complete(std::move(response)); };
    if (!server_.gateway.may_block(request)) {
        server_.gateway.handle(std::move(request), done);
        co_return co_await answer->wait();
    }
    stop_ = std::stop_source();
    request.stop = stop_.get_token();
    if (!server_.pool.submit(request, done)) {
        co_return busy_response("server_busy", "Too many calls are waiting. Try again soon.");
    }
    watch_for_disconnect(stop_);
    auto response = co_await answer->wait();
    stop_watching_.emit(asio::cancellation_type::terminal);
    stop_ = std::stop_source(std::nostopstate);
    co_return response;
}

void Connection::watch_for_disconnect(std::stop_source stop) {
    auto const on_readable = [self = shared_from_this(), stop](ErrorCode error) mutable {
        if (error == asio::error::operation_aborted) return;
        char byte = 0;
        ErrorCode problem = error;
        if (!error) self->socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, problem);
        // The next request is no reason to stop; the end of the stream is.
        if (problem && problem != asio::error::would_block) stop.request_stop();
    };
    socket_.async_wait(Socket::wait_read, asio::bind_cancellation_slot(stop_watching_.slot(), on_readable));
}

Persistence Connection::persistence_of(RequestReader const& reader) {
    if (!reader.keep_alive()) return Persistence::close;
    if (server_.draining) {
        // Requests that have arrived behind this one are still answered.
        ErrorCode error;
        if (buffer_.size() == 0 && socket_.available(error) == 0) return Persistence::close;
    }
    return reader.is_1_0() ? Persistence::keep_alive_for_1_0 : Persistence::keep_alive;
}

Awaitable<bool> Connection::write(Exchange const& exchange, Response response) {
    write_head(head_, response, exchange.method, exchange.persistence, worker_.date());
    bool const with_body = has_body(exchange.method, response.status);
    bool const written = co_await write_all(head_, with_body ? std::string_view(response.body) : std::string_view{});
    if (!written) lost_ = true;
    log(exchange, response);
    co_return written;
}

Awaitable<bool> Connection::write_all(std::string_view head, std::string_view body) {
    std::array<asio::const_buffer, 2> parts = {asio::buffer(head.data(), head.size()),
                                               asio::buffer(body.data(), body.size())};
    ErrorCode error;
    // Nearly always the socket takes it all at once.
    auto const sent = socket_.write_some(parts, error);
    if (error == asio::error::would_block) error.clear();
    if (!error && sent < head.size() + body.size()) {
        parts[1] += sent > head.size() ? sent - head.size() : 0;
        parts[0] += sent;
        set_deadline(seconds(server_.config.write_seconds));
        co_await asio::async_write(socket_, parts, asio::redirect_error(use_awaitable, error));
        deadline_ = Clock::time_point::max();
    }
    co_return !error;
}

/// Closing at once could reset the connection, and with it the response that the client has not read yet (RFC 9112
/// section 9.6).
Awaitable<void> Connection::linger() {
    ErrorCode error;
    socket_.shutdown(Socket::shutdown_send, error);
    set_deadline(server_.draining ? kLingerDraining : Clock::duration(kLinger));
    while (!error && !timed_out_) {
        buffer_.clear();
        auto const space = buffer_.prepare(kKeptBuffer);
        co_await socket_.async_read_some(space, asio::redirect_error(use_awaitable, error));
    }
}

void Connection::check_deadline(Clock::time_point now) {
    if (now < deadline_) return;
    deadline_ = Clock::time_point::max();
    timed_out_ = true;
    ErrorCode ignored;  // A socket that is closed already has nothing to interrupt.
    socket_.cancel(ignored);
}

void Connection::close_if_idle() {
    if (!idle_) return;
    closing_ = true;
    ErrorCode ignored;  // As above.
    socket_.cancel(ignored);
}

void Connection::abort() {
    stop_.request_stop();
    ErrorCode ignored;  // The descriptor is released whatever close answers.
    socket_.close(ignored);
}

void Connection::set_deadline(Clock::duration time) {
    timed_out_ = false;
    deadline_ = Clock::now() + time;
}

void Connection::log(Exchange const& exchange, Response const& response) const {
    if (!server_.log_config.access) return;
    auto const request_id = response.header("X-Request-Id");
    server_.log.write(access_line({
        .method = exchange.method,
        .target = exchange.target,
        .status = response.status,
        .bytes = has_body(exchange.method, response.status) ? response.body.size() : 0,
        .duration = Clock::now() - exchange.begin,
        .peer = peer_,
        .request_id = request_id.value_or(std::string_view()),
    }));
}

}  // namespace nexpo::http_host
