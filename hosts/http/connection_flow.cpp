// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include "http/answer.hpp"
#include "http/connection.hpp"
#include "http/worker.hpp"
#include "nexpo/id.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRead = 2048;
/// The longest message of a client.
constexpr std::size_t kMostMessage = 65'536;
/// After so many heartbeats without a word of the client it has gone.
constexpr int kMostSilentBeats = 2;
/// How long to wait when all threads for calls that wait have enough to do.
constexpr auto kBusyPause = 100ms;

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// RFC 9112 section 7.1.
std::string chunk(std::string_view bytes) {
    std::array<char, 16> size{};
    auto const end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    std::string text(size.data(), end);
    return text.append("\r\n").append(bytes).append("\r\n");
}

Response upgrade_response(Request const& request) {
    auto const status = web_socket_refusal(request);
    if (status == 0) {
        return {.status = 101,
                .headers = {{"Upgrade", "websocket"},
                            {"Connection", "Upgrade"},
                            {"Sec-WebSocket-Accept", web_socket_accept(*request.header("Sec-WebSocket-Key"))},
                            {"X-Request-Id", make_id("req", system_clock()->now(), *system_random())}}};
    }
    auto refused = problem(status, Errc::invalid_argument, "upgrade_malformed",
                           "This is not how a WebSocket is asked for (RFC 6455 section 4.2.1).");
    // RFC 6455 section 4.4 and RFC 9110 section 15.5.22.
    if (status == 426) {
        refused.headers.push_back({"Sec-WebSocket-Version", "13"});
        refused.headers.push_back({"Upgrade", "websocket"});
    }
    return refused;
}

}  // namespace

/// Runs what may wait on the pool, and everything else here.
template <class T>
Awaitable<T> Connection::run(bool may_block, std::function<T()> const& function) {
    if (!may_block) co_return function();
    auto const answer = std::make_shared<Answer<T>>(worker_.executor());
    std::function<void()> const task = [answer, &function] { answer->complete(function()); };
    while (!lost_ && !server_.pool.submit(task)) co_await pause();
    if (lost_) co_return T{};
    co_return co_await answer->wait();
}

/// Without a look at what the client says: nobody would take it out of the buffer meanwhile.
Awaitable<void> Connection::pause() {
    Timer timer(worker_.executor(), kBusyPause);
    co_await timer.async_wait(use_awaitable);
    if (!stream_.socket().is_open() || stream_.condition() != Stream::Condition::fine) lost_ = true;
}

std::function<void()> Connection::stirrer() {
    return [weak = weak_from_this(), executor = worker_.executor()] {
        asio::post(executor, [weak] {
            if (auto const self = weak.lock()) self->stir();
        });
    };
}

void Connection::stir() {
    flow_.stirred = true;
    if (flow_.resting) stream_.cancel();
}

void Connection::set_beat() {
    flow_.beat = false;
    flow_.beat_at = Clock::now() + std::chrono::seconds(server_.config.heartbeat_seconds);
}

/// Takes a piece of what the client has said, if anything.
Step Connection::listen() {
    auto const step = receive(kRead);
    if (step == Step::ended || step == Step::failed) lost_ = true;
    return step;
}

/// Waits until something has happened, or the client says something.
Awaitable<void> Connection::rest() {
    if (timed_out_) lost_ = true;
    if (flow_.stirred || lost_) co_return;
    auto const step = listen();
    if (!is_waiting(step)) co_return;
    flow_.resting = true;
    co_await wait(step);
    flow_.resting = false;
    if (timed_out_) lost_ = true;
}

Awaitable<bool> Connection::send(std::string_view text) {
    flow_.sent += text.size();
    Output output{.head = text};
    auto const step = stream_.write(output);
    bool const written = step == Step::done || co_await finish_write(step, output);
    if (!written) lost_ = true;
    co_return written;
}

/// A piece is made when the one before has been taken, so that a client which reads slowly costs no memory; one that
/// does not read at all is cut off after `http.write_seconds`.
Awaitable<void> Connection::stream(Exchange const& exchange, Response const& response) {
    auto const source = response.source;
    bool const chunked = exchange.persistence == Persistence::keep_alive;
    write_head(head_, response, exchange.method, exchange.persistence, worker_.date());
    flow_ = {.on = true, .ending = server_.draining};
    co_await send(head_);
    head_ = {};
    flow_.sent = 0;
    buffer_ = {};
    source->on_ready(stirrer());
    set_beat();
    std::function<BodyPiece()> const pull = [source] { return source->next(); };
    bool more = !lost_;
    while (more) {
        flow_.stirred = false;
        if (std::exchange(flow_.ending, false)) source->finish();
        auto piece = co_await run(source->may_block(), pull);
        if (piece.bytes.empty() && !piece.last) {
            co_await rest();
            buffer_.consume(buffer_.size());  // there is nothing to be said to a stream
            if (flow_.beat) piece.bytes = source->heartbeat();
        }
        if (!piece.bytes.empty() && !lost_) {
            if (chunked) piece.bytes = chunk(piece.bytes);
            co_await send(piece.bytes);
            set_beat();
        }
        more = !piece.last && !lost_;
    }
    if (!lost_ && chunked) co_await send("0\r\n\r\n");
    source->on_ready({});
    flow_.on = false;
    log(exchange, response, flow_.sent);
}

Awaitable<void> Connection::converse(Exchange const& exchange, Request request, std::shared_ptr<Channel> channel) {
    auto response = upgrade_response(request);
    server_.gateway.complete(request, response);
    if (response.status != 101) {
        co_await write(exchange, response);
        co_return;
    }
    write_head(head_, response, exchange.method, Persistence::keep_alive, worker_.date());
    flow_ = {.on = true, .ending = server_.draining};
    co_await send(head_);
    head_ = {};
    flow_.sent = 0;
    channel->on_ready(stirrer());
    set_beat();
    // Whoever says nothing at first does not stay.
    set_deadline(server_.config.header_seconds);
    SocketReader reader(kMostMessage);
    bool more = co_await hear(*channel, reader);  // what came with the request
    while (more) more = co_await converse_once(*channel, reader);
    channel->on_ready({});
    flow_.on = false;
    flow_.beat_at = deadline_ = Clock::time_point::max();
    log(exchange, response, flow_.sent);
}

/// Says what there is to say and hears what the client says; false at the end.
Awaitable<bool> Connection::converse_once(Channel& channel, SocketReader& reader) {
    flow_.stirred = false;
    if (std::exchange(flow_.ending, false)) channel.finish();
    std::function<ChannelOutput()> const pull = [&channel] { return channel.next(); };
    auto const output = co_await run(channel.may_block(), pull);
    std::string frames;
    for (auto const& message : output.messages) append_text_frame(frames, message);
    if (output.close != 0) append_close_frame(frames, output.close, output.reason);
    if (!frames.empty()) co_await send(frames);
    if (output.close != 0 || lost_) co_return false;
    // However much there is to say, the client's pings and its end are heard in between (RFC 6455 section 5.5).
    if (output.messages.empty()) {
        co_await rest();
    } else {
        listen();
    }
    if (lost_ && timed_out_ && !flow_.heard) {
        // It is there, but says nothing.
        lost_ = false;
        std::string close;
        append_close_frame(close, static_cast<int>(CloseCode::policy_violation), "nothing was said in time");
        co_await send(close);
        co_return false;
    }
    if (lost_) co_return false;
    bool const more = co_await hear(channel, reader);
    if (more && flow_.beat) {
        if (++flow_.silent_beats > kMostSilentBeats) {
            lost_ = true;
        } else {
            std::string ping;
            append_ping_frame(ping);
            co_await send(ping);
        }
        set_beat();
    }
    co_return more && !lost_;
}

/// What has arrived of the client's; false at the end.
Awaitable<bool> Connection::hear(Channel& channel, SocketReader& reader) {
    while (!lost_) {
        auto const held = buffer_.data();
        std::string_view input(static_cast<char const*>(held.data()), held.size());
        auto message = reader.read(input);
        buffer_.consume(held.size() - input.size());
        std::string reply;
        if (reader.fault() != CloseCode::none) {
            append_close_frame(reply, static_cast<int>(reader.fault()), {});
            co_await send(reply);
            co_return false;
        }
        if (!message) break;
        flow_.silent_beats = 0;
        using Kind = SocketMessage::Kind;
        if (message->kind == Kind::text) {
            flow_.heard = true;
            deadline_ = Clock::time_point::max();
            std::function<bool()> const receive = [&channel, &message] {
                channel.receive(std::move(message->payload));
                return true;
            };
            co_await run(channel.may_block(), receive);
        }
        if (message->kind == Kind::ping) append_pong_frame(reply, message->payload);
        if (message->kind == Kind::close) append_close_frame(reply, static_cast<int>(message->code), {});
        if (!reply.empty()) co_await send(reply);
        if (message->kind == Kind::close) co_return false;
    }
    co_return !lost_;
}

}  // namespace nexpo::http_host
