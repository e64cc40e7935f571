// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/redis_connection.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <utility>

#include "drivers/queue/queue_errors.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::uint16_t kPort = 6379;
constexpr std::chrono::seconds kAnswerTime{10};
/// No answer to what we ask for is as long: what comes is not what we sent.
constexpr std::size_t kMaxAnswerBytes = 32U << 20;

RedisReply convert(redisReply const& from) {
    RedisReply reply;
    switch (from.type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            reply.kind = from.type == REDIS_REPLY_ERROR ? RedisReply::Kind::error : RedisReply::Kind::text;
            reply.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_INTEGER:
            reply.kind = RedisReply::Kind::integer;
            reply.integer = from.integer;
            break;
        case REDIS_REPLY_ARRAY:
            reply.kind = RedisReply::Kind::list;
            for (std::size_t at = 0; at < from.elements; ++at) reply.items.push_back(convert(*from.element[at]));
            break;
        default:
            break;
    }
    return reply;
}

/// Arguments with their lengths, so that any bytes may stand in them.
void append(std::string& request, RedisCommand const& command) {
    request += "*" + std::to_string(command.size()) + "\r\n";
    for (auto const& argument : command) {
        request += "$" + std::to_string(argument.size()) + "\r\n";
        request += argument;
        request += "\r\n";
    }
}

Result<void> expect_success(RedisConnection& connection, RedisCommand const& command) {
    auto reply = connection.ask(command);
    if (!reply) return reply.error();
    if (reply->kind == RedisReply::Kind::error) return redis_error(*reply);
    return {};
}

}  // namespace

Deadline redis_answer_deadline() {
    return std::chrono::steady_clock::now() + kAnswerTime;
}

Error redis_error(RedisReply const& reply) {
    auto const word = reply.text.substr(0, reply.text.find(' '));
    if (word == "NOAUTH" || word == "WRONGPASS" || word == "NOPERM") return queue_refused("Redis: " + word);
    if (word == "OOM") return {Errc::resource_exhausted, "queue_busy", "Redis has no memory left"};
    if (word == "LOADING" || word == "READONLY" || word == "MASTERDOWN" || word == "CLUSTERDOWN" || word == "BUSY" ||
        word == "NOGROUP" || word == "UNBLOCKED" || word == "TRYAGAIN" || word == "NOREPLICAS" || word == "MISCONF") {
        return queue_unavailable("Redis: " + word);
    }
    return queue_answer_invalid("Redis: " + word);
}

void RedisConnection::FreeReader::operator()(redisReader* reader) const noexcept {
    redisReaderFree(reader);
}

RedisConnection::RedisConnection(std::unique_ptr<RedisSocket> socket)
    : socket_(std::move(socket)), reader_(redisReaderCreate()) {}

RedisConnection::~RedisConnection() = default;

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(QueueSettings const& settings) {
    auto socket = RedisSocket::connect(settings, settings.port != 0 ? settings.port : kPort,
                                       settings.scheme == "rediss", redis_answer_deadline());
    if (!socket) {
        return socket.error().code == Errc::unavailable ? socket.error() : queue_unavailable(socket.error().message);
    }
    std::unique_ptr<RedisConnection> connection(new RedisConnection(std::move(*socket)));
    if (!settings.password.empty()) {
        RedisCommand command{"AUTH"};
        if (!settings.user.empty()) command.push_back(settings.user);
        command.emplace_back(settings.password.reveal());
        auto reply = connection->ask(command);
        if (!reply) return reply.error();
        if (reply->kind == RedisReply::Kind::error) return queue_refused("Redis refused the user or the password");
    }
    if (!settings.path.empty()) {
        if (auto done = expect_success(*connection, {"SELECT", settings.path}); !done) return done.error();
    }
    return connection;
}

Result<void> RedisConnection::write(std::span<RedisCommand const> commands, Deadline deadline) {
    std::string request;
    for (auto const& command : commands) append(request, command);
    return socket_->write(request, deadline);
}

Result<RedisReply> RedisConnection::read(Deadline deadline, std::stop_token stop) {
    std::size_t got = 0;
    for (;;) {
        void* raw = nullptr;
        if (!reader_ || redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) {
            return queue_answer_invalid("Redis: the answer is not of its protocol");
        }
        if (raw != nullptr) {
            auto const* reply = static_cast<redisReply*>(raw);
            std::unique_ptr<void, decltype(&freeReplyObject)> const owner(raw, &freeReplyObject);
            return convert(*reply);
        }
        if (got > kMaxAnswerBytes) return queue_answer_invalid("Redis: the answer is too long");
        std::array<char, 16'384> bytes{};
        auto count = socket_->read(bytes.data(), bytes.size(), deadline, stop);
        if (!count) return count.error();
        got += *count;
        if (redisReaderFeed(reader_.get(), bytes.data(), *count) != REDIS_OK) {
            return queue_answer_invalid("Redis: the answer is too long");
        }
    }
}

Result<RedisReply> RedisConnection::ask(RedisCommand const& command) {
    auto const deadline = redis_answer_deadline();
    if (auto sent = write({&command, 1}, deadline); !sent) return sent.error();
    return read(deadline, {});
}

}  // namespace nexpo::drivers
