// SPDX-License-Identifier: Apache-2.0
#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
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
/// How much of the next requests is taken in while a call waits.
constexpr std::size_t kReadAhead = 65'536;
/// A buffer that a large request has stretched beyond this is given back before the next one.
constexpr std::size_t kKeptBuffer = 16'384;
/// An idle connection gives back all its buffers after this time.
constexpr auto kKeptIdle = 1s;
/// Bodies that take less than this are not counted.
constexpr std::size_t kSmallBody = 4096;
/// A body shorter than this is sent together with the headers before it, as one TLS record.
constexpr std::size_t kRecord = 16'000;
/// How long what the client still sends is read and dropped after the last response.
constexpr auto kLinger = 2s;
constexpr auto kLingerDraining = 250ms;
/// A client may have sent all it wants to and wait for the answer, or may have gone: there is no telling. So its call
/// goes on, but not for long.
constexpr auto kHalfClosedGrace = 5s;

Response busy_response(std::string_view reason, std::string_view detail) {
    auto response = problem(503, Errc::unavailable, reason, detail);
    response.headers.push_back({"Retry-After", "1"});
    return response;
}

Response fault_response(Fault fault) {
    switch (fault) {
        case Fault::header_too_large:
            return problem(431, Errc::invalid_argument, "headers_too_large", "The headers are too large.");
        case Fault::body_too_large:
            return problem(413, Errc::invalid_argument, "body_too_large", "The body is too large.");
        case Fault::expectation_unknown:
            return problem(417, Errc::invalid_argument, "expectation_unknown", "Only 100-continue can be expected.");
        case Fault::coding_unknown:
            return problem(501, Errc::unimplemented, "coding_unknown",
                           "Only the transfer coding chunked is understood.");
        case Fault::tunnel:
            return problem(501, Errc::unimplemented, "no_proxy", "This is not a proxy.");
        case Fault::bodies_exhausted:
            return busy_response("server_busy", "Too many requests are being received. Try again soon.");
        case Fault::timed_out:
            return problem(408, Errc::deadline_exceeded, "request_timeout", "The request took too long to arrive.");
        case Fault::malformed:
            break;
    }
    return problem(400, Errc::invalid_argument, "request_malformed", "This is not an HTTP/1.1 request.");
}

}  // namespace

Connection::Connection(Socket socket, std::string peer, Worker& worker, ServerState& server)
    : stream_(std::move(socket), server.certificates.current()),
      peer_(std::move(peer)),
      worker_(worker),
      server_(server),
      proxied_(server.forwarding.trusts(peer_)) {}

Connection::~Connection() = default;

Awaitable<void> Connection::serve() {
    bool more = true;
    if (stream_.is_secure()) more = co_await shake_hands();
    while (more) more = co_await serve_one();
    if (!lost_) co_await linger();
}

Awaitable<void> Connection::refuse() {
    bool ready = true;
    if (stream_.is_secure()) ready = co_await shake_hands();
    if (ready) {
        Exchange const exchange{.begin = Clock::now()};
        Request const unread{.secure = stream_.is_secure()};
        auto response = busy_response("too_many_connections", "The server has too many connections.");
        server_.gateway.complete(unread, response);
        co_await write(exchange, response);
    }
    if (!lost_) co_await linger();
}

Awaitable<bool> Connection::shake_hands() {
    set_deadline(server_.tls.handshake_seconds);
    bool first = true;
    auto step = Step::wait_to_read;
    while (is_waiting(step)) {
        bool const ready = co_await wait(step);
        if (!ready) {
            worker_.report_handshake(peer_, timed_out_ ? "it took too long" : "the client has gone");
            lost_ = true;
            co_return false;
        }
        if (std::exchange(first, false) && stream_.hears_plain_text()) {
            stream_.give_up_tls();
            Exchange const exchange{.begin = Clock::now()};
            auto response = problem(400, Errc::invalid_argument, "tls_required", "This port speaks HTTPS only.");
            server_.gateway.complete(Request{}, response);
            co_await write(exchange, response);
            co_return false;
        }
        step = stream_.shake_hands();
    }
    deadline_ = Clock::time_point::max();
    if (step == Step::done) co_return true;
    worker_.report_handshake(peer_, stream_.failure());
    lost_ = step == Step::ended;
    co_return false;
}

Awaitable<bool> Connection::serve_one() {
    bool const begun = co_await wait_for_request();
    if (!begun) co_return false;

    Exchange exchange{.begin = Clock::now()};
    RequestReader reader(server_.request_limits);
    BodyShare share(server_.bodies);
    auto const fault = co_await read(reader, share);
    if (lost_) co_return false;

    exchange.method = reader.request().method;
    exchange.target = reader.request().target;
    identify(exchange, reader.request());
    Response response;
    if (fault) {
        response = fault_response(*fault);
        server_.gateway.complete(reader.request(), response);
        exchange.persistence = Persistence::close;
    } else {
        if (auto channel = find_channel(reader.request())) {
            co_await converse(exchange, std::move(reader.request()), std::move(channel));
            co_return false;
        }
        response = co_await answer(std::move(reader.request()));
        exchange.persistence = persistence_of(reader);
    }
    // After the other requests that have arrived: what is written at once wakes a client once, and nobody who sends
    // many requests ahead keeps the others waiting.
    co_await asio::post(worker_.executor(), use_awaitable);
    if (response.source) {
        // The connection ends with it: a client that wants to go on sends another request anyway.
        exchange.persistence = reader.is_1_0() ? Persistence::close : Persistence::keep_alive;
        co_await stream(exchange, response);
        co_return false;
    }
    bool const written = co_await write(exchange, response);
    served_ = true;
    co_return written&& exchange.persistence != Persistence::close;
}

std::shared_ptr<Channel> Connection::find_channel(Request const& request) const {
    if (!asks_for_web_socket(request)) return nullptr;
    return server_.gateway.connect(
        {.method = request.method, .target = request.target, .headers = request.headers, .peer = request.peer});
}

Awaitable<bool> Connection::wait_for_request() {
    if (buffer_.size() != 0) co_return true;
    if (buffer_.capacity() > kKeptBuffer) buffer_ = {};
    set_deadline(served_ ? server_.config.idle_seconds : server_.config.header_seconds);
    begin_idle();
    // What came over TLS while a call was waited for has left the socket, the end of the stream included.
    auto step = stream_.is_secure() ? receive(kHeaderRead) : Step::wait_to_read;
    while (is_waiting(step)) {
        bool const ready = co_await wait(step);
        if (!ready && (timed_out_ || !closing_)) break;
        // The request may have come at the very moment at which the wait for it was ended.
        step = receive(kHeaderRead);
        if (closing_) break;
    }
    end_idle();
    lost_ = step != Step::done;
    co_return !lost_;
}

Awaitable<bool> Connection::wait(Step step) {
    ErrorCode error;
    auto const event = step == Step::wait_to_write ? Socket::wait_write : Socket::wait_read;
    co_await stream_.socket().async_wait(event, asio::redirect_error(use_awaitable, error));
    co_return !error && !timed_out_;
}

Step Connection::receive(std::size_t most) {
    auto const space = buffer_.prepare(most);
    std::size_t count = 0;
    auto const step = stream_.read(space.data(), space.size(), count);
    buffer_.commit(count);
    return step;
}

Awaitable<std::optional<Fault>> Connection::read(RequestReader& reader, BodyShare& share) {
    set_deadline(server_.config.header_seconds);
    bool in_body = false;
    while (true) {
        if (auto const fault = reader.consume(buffer_)) co_return fault;
        auto const arrived = reader.request().body.size();
        auto const held = reader.request().body.capacity() + (in_body ? buffer_.capacity() : 0);
        if (held >= kSmallBody && !share.grow(held)) co_return Fault::bodies_exhausted;
        if (reader.is_done()) break;
        std::optional<Fault> fault;
        if (reader.is_header_done() && !in_body) fault = co_await begin_body(reader, share);
        in_body = reader.is_header_done();
        // A body that arrives slowly gets as much room as it has filled so far.
        if (!fault && !lost_) fault = co_await read_more(std::clamp(arrived, kHeaderRead, kBodyRead));
        if (fault || lost_) co_return fault;
    }
    deadline_ = Clock::time_point::max();
    co_return std::nullopt;
}

Awaitable<std::optional<Fault>> Connection::begin_body(RequestReader const& reader, BodyShare& share) {
    if (!share.grow(reader.early_body_bytes())) co_return Fault::bodies_exhausted;
    if (reader.awaits_continue() && buffer_.size() == 0) {
        Output output{.head = "HTTP/1.1 100 Continue\r\n\r\n"};
        auto const step = stream_.write(output);
        bool const written = step == Step::done || co_await finish_write(step, output);
        if (!written) lost_ = true;
    }
    set_deadline(server_.config.body_seconds);
    co_return std::nullopt;
}

Awaitable<std::optional<Fault>> Connection::read_more(std::size_t most) {
    auto step = receive(most);
    while (is_waiting(step)) {
        bool const ready = co_await wait(step);
        if (timed_out_) co_return Fault::timed_out;
        step = ready ? receive(most) : Step::failed;
    }
    lost_ = step != Step::done;
    co_return std::nullopt;
}

void Connection::identify(Exchange& exchange, Request& request) const {
    request.peer = peer_;
    request.secure = stream_.is_secure();
    if (!proxied_) return;
    auto client = server_.forwarding.find_client(peer_, request.headers);
    request.peer = exchange.client = std::move(client.address);
    request.secure = request.secure || client.secure;
}

Awaitable<Response> Connection::answer(Request request) {
    auto const answer = std::make_shared<Answer<Response>>(worker_.executor());
    auto const done = [answer](Response response) { answer->complete(std::move(response)); };
    if (!server_.gateway.may_block(request)) {
        server_.gateway.handle(std::move(request), done);
        co_return co_await answer->wait();
    }
    std::stop_source stop;
    request.stop = stop.get_token();
    auto const held = std::make_shared<Request>(std::move(request));
    if (!server_.pool.submit([gateway = server_.gateway, held, done] { gateway.handle(std::move(*held), done); })) {
        request = std::move(*held);
        auto busy = busy_response("server_busy", "Too many calls are waiting. Try again soon.");
        server_.gateway.complete(request, busy);
        co_return busy;
    }
    stop_ = std::move(stop);
    auto response = co_await answer->wait();
    stop_ = std::stop_source(std::nostopstate);
    give_up_at_ = Clock::time_point::max();
    co_return response;
}

/// Stops the call when its client has gone. Further requests are no reason to stop, and no reason to look no further.
void Connection::look_for_end(Clock::time_point now) {
    auto condition = stream_.condition();
    // The end of a TLS stream is a record, which may stand behind requests that were sent ahead.
    bool more = stream_.is_secure();
    while (more && condition == Stream::Condition::fine && buffer_.size() + kHeaderRead <= kReadAhead) {
        auto const step = receive(kHeaderRead);
        more = step == Step::done;
        if (step == Step::ended) condition = Stream::Condition::half_closed;
        if (step == Step::failed) condition = Stream::Condition::lost;
    }
    if (condition == Stream::Condition::half_closed && give_up_at_ == Clock::time_point::max()) {
        give_up_at_ = now + kHalfClosedGrace;
    }
    if (condition == Stream::Condition::lost || now >= give_up_at_) stop_.request_stop();
}

Persistence Connection::persistence_of(RequestReader const& reader) {
    if (!reader.keep_alive()) return Persistence::close;
    // Requests that have arrived behind this one are still answered.
    if (server_.draining && buffer_.size() == 0 && !stream_.has_input()) return Persistence::close;
    return reader.is_1_0() ? Persistence::keep_alive_for_1_0 : Persistence::keep_alive;
}

Awaitable<bool> Connection::write(Exchange const& exchange, Response const& response) {
    write_head(head_, response, exchange.method, exchange.persistence, worker_.date());
    bool const with_body = has_body(exchange.method, response.status);
    Output output{.body = with_body ? std::string_view(response.body) : std::string_view{}};
    if (output.body.size() < kRecord) head_.append(std::exchange(output.body, {}));
    output.head = head_;
    // Nearly always the socket takes it all at once.
    auto const step = stream_.write(output);
    bool const written = step == Step::done || co_await finish_write(step, output);
    if (!written) lost_ = true;
    log(exchange, response);
    co_return written;
}

Awaitable<bool> Connection::finish_write(Step step, Output output) {
    set_deadline(server_.config.write_seconds);
    while (is_waiting(step)) {
        bool const ready = co_await wait(step);
        step = ready ? stream_.write(output) : Step::failed;
    }
    deadline_ = Clock::time_point::max();
    co_return step == Step::done;
}

/// Closing at once could reset the connection, and with it the response that the client has not read yet (RFC 9112
/// section 9.6).
Awaitable<void> Connection::linger() {
    stream_.end();
    buffer_ = {};
    set_deadline(server_.draining ? kLingerDraining : Clock::duration(kLinger));
    bool more = true;
    while (more) {
        bool const ready = co_await wait(Step::wait_to_read);
        more = ready && stream_.drop_input() != Step::ended;
    }
}

void Connection::begin_idle() {
    idle_ = true;
    idle_since_ = Clock::now();
    auto& idle = worker_.idle();
    idle.splice(idle.end(), place_);
}

void Connection::end_idle() {
    if (idle_) place_.splice(place_.begin(), worker_.idle(), node_);
    idle_ = false;
}

void Connection::check_time(Clock::time_point now) {
    if (idle_ && now - idle_since_ >= kKeptIdle && buffer_.capacity() != 0) {
        buffer_ = {};
        head_ = {};
    }
    if (stop_.stop_possible() && !stop_.stop_requested()) look_for_end(now);
    if (now >= flow_.beat_at) {
        flow_.beat_at = Clock::time_point::max();
        flow_.beat = true;
        stir();
    }
    if (now < deadline_) return;
    deadline_ = Clock::time_point::max();
    timed_out_ = true;
    stream_.cancel();
}

void Connection::close_if_idle() {
    if (flow_.on) {
        flow_.ending = true;
        stir();
    }
    if (!idle_) return;
    end_idle();
    closing_ = true;
    stream_.cancel();
}

void Connection::abort() {
    stop_.request_stop();
    stream_.close();
}

void Connection::set_deadline(std::int64_t seconds) {
    set_deadline(Clock::duration(std::chrono::seconds(seconds)));
}

void Connection::set_deadline(Clock::duration time) {
    timed_out_ = false;
    deadline_ = Clock::now() + time;
}

void Connection::log(Exchange const& exchange, Response const& response) const {
    log(exchange, response, has_body(exchange.method, response.status) ? response.body.size() : 0);
}

void Connection::log(Exchange const& exchange, Response const& response, std::size_t bytes) const {
    if (!server_.log_config.access) return;
    auto const request_id = response.header("X-Request-Id");
    server_.log.write(access_line({
        .method = exchange.method,
        .target = exchange.target,
        .status = response.status,
        .bytes = bytes,
        .duration = Clock::now() - exchange.begin,
        .peer = exchange.client.empty() ? peer_ : exchange.client,
        .request_id = request_id.value_or(std::string_view()),
    }));
}

}  // namespace nexpo::http_host
