// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/amqp_connection.hpp"

#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

#include "drivers/queue/queue_errors.hpp"

namespace nexpo::drivers {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr timeval kAnswerTime{10, 0};
constexpr std::chrono::seconds kConfirmationTime{10};
constexpr char const* kOwnCount = "nexpo-deliveries";

amqp_bytes_t bytes(std::string const& text) {
    return {text.size(), const_cast<char*>(text.data())};  // only read
}

std::string text(amqp_bytes_t from) {
    return {static_cast<char const*>(from.bytes), from.len};
}

timeval span_of(std::chrono::microseconds time) {
    auto const left = std::max(time, std::chrono::microseconds(0));
    return {static_cast<time_t>(left.count() / 1'000'000), static_cast<suseconds_t>(left.count() % 1'000'000)};
}

/// Codes of the protocol: https://www.rabbitmq.com/amqp-0-9-1-reference#constants. The broker's text is not kept: it
/// may repeat what we sent.
Error exception(amqp_rpc_reply_t const& reply) {
    int code = 0;
    if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
        code = static_cast<amqp_connection_close_t*>(reply.reply.decoded)->reply_code;
    } else if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        code = static_cast<amqp_channel_close_t*>(reply.reply.decoded)->reply_code;
    }
    auto const what = "AMQP: error " + std::to_string(code);
    if (code == AMQP_ACCESS_REFUSED || code == AMQP_NOT_ALLOWED) return queue_refused(what);
    if (code == AMQP_RESOURCE_ERROR) return {Errc::resource_exhausted, "queue_busy", what};
    return queue_unavailable(what);
}

std::int64_t whole_number(amqp_field_value_t const& value) {
    switch (value.kind) {
        case AMQP_FIELD_KIND_I8:
            return value.value.i8;
        case AMQP_FIELD_KIND_U8:
            return value.value.u8;
        case AMQP_FIELD_KIND_I16:
            return value.value.i16;
        case AMQP_FIELD_KIND_U16:
            return value.value.u16;
        case AMQP_FIELD_KIND_I32:
            return value.value.i32;
        case AMQP_FIELD_KIND_U32:
            return value.value.u32;
        case AMQP_FIELD_KIND_I64:
            return value.value.i64;
        default:
            return 0;
    }
}

AmqpMessage convert(amqp_message_t const& from, std::uint64_t tag) {
    AmqpMessage message{.body = text(from.body), .tag = tag};
    if ((from.properties._flags & AMQP_BASIC_HEADERS_FLAG) == 0) return message;
    auto const& headers = from.properties.headers;
    for (auto const& entry : std::span(headers.entries, static_cast<std::size_t>(headers.num_entries))) {
        auto const name = text(entry.key);
        if (name == kOwnCount || name == "x-delivery-count") {
            message.before += std::clamp<std::int64_t>(whole_number(entry.value), 0, 1'000'000);
        }
    }
    return message;
}

/// The socket; owned by the state.
amqp_socket_t* make_socket(amqp_connection_state_t state, QueueSettings const& settings) {
    if (settings.scheme != "amqps") return amqp_tcp_socket_new(state);
    auto* const socket = amqp_ssl_socket_new(state);
    if (socket == nullptr) return nullptr;
    amqp_ssl_socket_set_verify_peer(socket, 1);
    // OpenSSL checks whom the certificate is for (RFC 9525): rabbitmq-c's own check knows no addresses.
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    auto* const context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
    auto* const wanted = SSL_CTX_get0_param(context);
    bool const named = X509_VERIFY_PARAM_set1_ip_asc(wanted, settings.host.c_str()) == 1 ||
                       X509_VERIFY_PARAM_set1_host(wanted, settings.host.c_str(), settings.host.size()) == 1;
    int const version = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    bool const trusted = settings.ca_file.empty()
                             ? SSL_CTX_set_default_verify_paths(context) == 1
                             : amqp_ssl_socket_set_cacert(socket, settings.ca_file.c_str()) == AMQP_STATUS_OK;
    return named && version == AMQP_STATUS_OK && trusted ? socket : nullptr;
}

}  // namespace

void AmqpConnection::Destroy::operator()(amqp_connection_state_t_* state) const noexcept {
    amqp_destroy_connection(state);
}

AmqpConnection::AmqpConnection(amqp_connection_state_t_* state) : state_(state) {}

Result<std::unique_ptr<AmqpConnection>> AmqpConnection::open(QueueSettings const& settings,
                                                             std::chrono::seconds heartbeat) {
    auto* const state = amqp_new_connection();
    if (state == nullptr) return queue_unavailable("AMQP: there is no memory");
    std::unique_ptr<AmqpConnection> connection(new AmqpConnection(state));
    amqp_set_handshake_timeout(state, &kAnswerTime);
    amqp_set_rpc_timeout(state, &kAnswerTime);
    auto* const socket = make_socket(state, settings);
    if (socket == nullptr) return queue_unavailable("AMQP: TLS cannot be set up");
    int const port = settings.port != 0 ? settings.port : settings.scheme == "amqps" ? 5671 : 5672;
    int const status = amqp_socket_open_noblock(socket, settings.host.c_str(), port, &kAnswerTime);
    if (status != AMQP_STATUS_OK) return connection->dead(status);
    int const on = 1;
    setsockopt(amqp_get_sockfd(state), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);

    auto const virtual_host = settings.path.empty() ? std::string("/") : settings.path;
    auto const user = settings.user.empty() ? std::string("guest") : settings.user;
    std::string const password(settings.password.empty() ? "guest" : settings.password.reveal());
    auto const reply =
        amqp_login(state, virtual_host.c_str(), 0, AMQP_DEFAULT_FRAME_SIZE, static_cast<int>(heartbeat.count()),
                   AMQP_SASL_METHOD_PLAIN, user.c_str(), password.c_str());
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) return exception(reply);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) return connection->dead(reply.library_error);
    amqp_channel_open(state, kChannel);
    if (auto opened = connection->reply(); !opened) return opened.error();
    return connection;
}

int AmqpConnection::socket() const noexcept {
    return amqp_get_sockfd(state_.get());
}

Error AmqpConnection::dead(Error error) noexcept {
    alive_ = false;
    return error;
}

Error AmqpConnection::dead(int status) {
    return dead(queue_unavailable(std::string("AMQP: ") + amqp_error_string2(status)));
}

/// How the last call that waits for an answer went.
Result<void> AmqpConnection::reply() {
    auto const reply = amqp_get_rpc_reply(state_.get());
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) return dead(exception(reply));
    return dead(reply.library_error);
}

Result<void> AmqpConnection::declare(AmqpQueue const& queue) {
    std::vector<amqp_table_entry_t> entries;
    std::string const type = queue.quorum ? "quorum" : "classic";
    auto const add_text = [&](std::string const& name, std::string const& value) {
        amqp_table_entry_t entry{};
        entry.key = bytes(name);
        entry.value.kind = AMQP_FIELD_KIND_UTF8;
        entry.value.value.bytes = bytes(value);
        entries.push_back(entry);
    };
    static std::string const kType = "x-queue-type";
    add_text(kType, type);
    for (auto const& [name, value] : queue.texts) add_text(name, value);
    for (auto const& [name, value] : queue.numbers) {
        amqp_table_entry_t entry{};
        entry.key = bytes(name);
        entry.value.kind = AMQP_FIELD_KIND_I64;
        entry.value.value.i64 = value;
        entries.push_back(entry);
    }
    amqp_table_t const arguments{static_cast<int>(entries.size()), entries.data()};
    amqp_queue_declare(state_.get(), kChannel, bytes(queue.name), 0, 1, 0, 0, arguments);
    return reply();
}

Result<void> AmqpConnection::confirm() {
    amqp_confirm_select(state_.get(), kChannel);
    return reply();
}

std::vector<Result<void>> AmqpConnection::publish(std::span<AmqpPublication const> publications) {
    std::vector<Result<void>> results(publications.size(), queue_unavailable("AMQP: the message was not confirmed"));
    auto const first = published_ + 1;
    for (auto const& publication : publications) {
        auto const id = std::to_string(published_ + 1);
        amqp_table_entry_t count{};
        count.key = amqp_cstring_bytes(kOwnCount);
        count.value.kind = AMQP_FIELD_KIND_I64;
        count.value.value.i64 = publication.before;
        amqp_basic_properties_t properties{};
        properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG;
        properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
        properties.message_id = bytes(id);
        properties.headers = {1, &count};
        int const status = amqp_basic_publish(state_.get(), kChannel, amqp_empty_bytes, bytes(publication.queue), 1, 0,
                                              &properties, bytes(publication.body));
        if (status != AMQP_STATUS_OK) {
            results[published_ + 1 - first] = dead(status);
            return results;
        }
        ++published_;
    }
    if (auto waited = await_confirmations(first, results); !waited) {
        for (auto& result : results) {
            if (!result) result = waited.error();
        }
    }
    return results;
}

/// What comes in on a channel with confirmations: an ack or a nack for one tag or for all up to it, and before the ack
/// the message itself when no queue took it.
Result<void> AmqpConnection::await_confirmations(std::uint64_t first, std::vector<Result<void>>& results) {
    auto const end = std::chrono::steady_clock::now() + kConfirmationTime;
    std::vector<bool> returned(results.size(), false);
    std::vector<bool> settled(results.size(), false);
    auto const settle = [&](std::uint64_t tag, bool multiple, bool taken) {
        for (auto at = multiple ? first : tag; at >= first && at <= tag && at - first < results.size(); ++at) {
            settled[at - first] = true;
            if (taken && !returned[at - first]) results[at - first] = Result<void>();
        }
    };
    while (std::find(settled.begin(), settled.end(), false) != settled.end()) {
        amqp_maybe_release_buffers(state_.get());
        auto const left =
            span_of(std::chrono::duration_cast<std::chrono::microseconds>(end - std::chrono::steady_clock::now()));
        amqp_frame_t frame{};
        int const status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &left);
        if (status != AMQP_STATUS_OK) return dead(status);
        if (frame.frame_type != AMQP_FRAME_METHOD) continue;
        auto const& method = frame.payload.method;
        if (method.id == AMQP_BASIC_ACK_METHOD) {
            auto const* const ack = static_cast<amqp_basic_ack_t*>(method.decoded);
            settle(ack->delivery_tag, ack->multiple != 0, true);
        } else if (method.id == AMQP_BASIC_NACK_METHOD) {
            auto const* const nack = static_cast<amqp_basic_nack_t*>(method.decoded);
            settle(nack->delivery_tag, nack->multiple != 0, false);
        } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
            amqp_message_t message{};
            auto const read = amqp_read_message(state_.get(), kChannel, &message, 0);
            if (read.reply_type != AMQP_RESPONSE_NORMAL) return dead(read.library_error);
            auto const tag = receipt_number(text(message.properties.message_id));
            amqp_destroy_message(&message);
            if (tag >= 0 && static_cast<std::uint64_t>(tag) - first < results.size()) {
                returned[static_cast<std::uint64_t>(tag) - first] = true;
            }
        } else if (method.id == AMQP_CHANNEL_CLOSE_METHOD || method.id == AMQP_CONNECTION_CLOSE_METHOD) {
            amqp_rpc_reply_t reply{};
            reply.reply = method;
            return dead(exception(reply));
        }
    }
    // A queue that expired or was removed: the next connection declares what it needs.
    if (std::find(returned.begin(), returned.end(), true) != returned.end()) alive_ = false;
    return {};
}

Result<std::optional<AmqpMessage>> AmqpConnection::get(std::string const& queue) {
    amqp_maybe_release_buffers(state_.get());
    auto const got = amqp_basic_get(state_.get(), kChannel, bytes(queue), 0);
    if (got.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) return dead(exception(got));
    if (got.reply_type != AMQP_RESPONSE_NORMAL) return dead(got.library_error);
    if (got.reply.id != AMQP_BASIC_GET_OK_METHOD) return std::optional<AmqpMessage>();
    auto const tag = static_cast<amqp_basic_get_ok_t*>(got.reply.decoded)->delivery_tag;
    amqp_message_t message{};
    auto const read = amqp_read_message(state_.get(), kChannel, &message, 0);
    if (read.reply_type != AMQP_RESPONSE_NORMAL) return dead(read.library_error);
    auto converted = convert(message, tag);
    amqp_destroy_message(&message);
    return std::optional(std::move(converted));
}

Result<void> AmqpConnection::consume(std::string const& queue) {
    amqp_basic_qos(state_.get(), kChannel, 0, 1, 0);
    if (auto done = reply(); !done) return done.error();
    amqp_basic_consume(state_.get(), kChannel, bytes(queue), amqp_cstring_bytes("nexpo"), 0, 0, 0, amqp_empty_table);
    return reply();
}

Result<void> AmqpConnection::cancel() {
    amqp_basic_cancel(state_.get(), kChannel, amqp_cstring_bytes("nexpo"));
    return reply();
}

Result<std::optional<AmqpMessage>> AmqpConnection::next() {
    amqp_maybe_release_buffers(state_.get());
    amqp_envelope_t envelope{};
    timeval const at_once{0, 0};
    auto const got = amqp_consume_message(state_.get(), &envelope, &at_once, 0);
    if (got.reply_type == AMQP_RESPONSE_NORMAL) {
        auto converted = convert(envelope.message, envelope.delivery_tag);
        amqp_destroy_envelope(&envelope);
        return std::optional(std::move(converted));
    }
    if (got.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && got.library_error == AMQP_STATUS_TIMEOUT) {
        return std::optional<AmqpMessage>();
    }
    // Whatever else comes, such as the end of the channel or of the consumer, ends the use of this connection.
    return dead(got.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? got.library_error : AMQP_STATUS_UNEXPECTED_STATE);
}

bool AmqpConnection::has_more() const noexcept {
    return amqp_frames_enqueued(state_.get()) != 0 || amqp_data_in_buffer(state_.get()) != 0;
}

Result<void> AmqpConnection::acknowledge(std::uint64_t tag) {
    int const status = amqp_basic_ack(state_.get(), kChannel, tag, 0);
    if (status != AMQP_STATUS_OK) return dead(status);
    return {};
}

Result<void> AmqpConnection::give_back(std::uint64_t tag) {
    int const status = amqp_basic_reject(state_.get(), kChannel, tag, 1);
    if (status != AMQP_STATUS_OK) return dead(status);
    return {};
}

Result<void> AmqpConnection::touch() {
    amqp_basic_qos(state_.get(), kChannel, 0, 1, 0);
    return reply();
}

}  // namespace nexpo::drivers
