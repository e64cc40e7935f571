// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/queue/redis_socket.hpp"

struct redisReader;

namespace nexpo::drivers {

/// An answer of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/).
struct RedisReply {
    enum class Kind : std::uint8_t { nothing, text, integer, list, error };

    Kind kind = Kind::nothing;
    std::string text{};  ///< Of a text or an error.
    std::int64_t integer = 0;
    std::vector<RedisReply> items{};
};

using RedisCommand = std::vector<std::string>;

/// A connection that has signed in. Not thread-safe. After an error it is of no further use.
class RedisConnection {
 public:
    static Result<std::unique_ptr<RedisConnection>> open(QueueSettings const& settings);

    RedisConnection(RedisConnection const&) = delete;
    RedisConnection& operator=(RedisConnection const&) = delete;
    ~RedisConnection();

    /// Sends commands; as many answers must be read.
    Result<void> write(std::span<RedisCommand const> commands, Deadline deadline);
    /// The next answer. An error of Redis itself is an answer. Errors: also `cancelled` and deadline_exceeded.
    Result<RedisReply> read(Deadline deadline, std::stop_token stop);
    /// One command and its answer.
    Result<RedisReply> ask(RedisCommand const& command);

 private:
    explicit RedisConnection(std::unique_ptr<RedisSocket> socket);

    struct FreeReader {
        void operator()(redisReader* reader) const noexcept;
    };

    std::unique_ptr<RedisSocket> socket_;
    std::unique_ptr<redisReader, FreeReader> reader_;
};

/// When a command that does not wait must have its answer.
Deadline redis_answer_deadline();

/// The typed form of an error of Redis. Its own text is not kept: it may repeat arguments.
Error redis_error(RedisReply const& reply);

}  // namespace nexpo::drivers
