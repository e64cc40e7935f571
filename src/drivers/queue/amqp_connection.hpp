// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/queue/queue_settings.hpp"

struct amqp_connection_state_t_;

namespace nexpo::drivers {

/// A message as the broker gives it.
struct AmqpMessage {
    std::string body{};
    std::uint64_t tag = 0;    ///< Within the connection.
    std::int64_t before = 0;  ///< Deliveries that our own header and the queue's count of failures tell of.
};

/// A message to publish, to a queue by its name.
struct AmqpPublication {
    std::string queue{};
    std::string body{};
    std::int64_t before = 0;
};

/// A queue to declare; nothing happens when it is there.
struct AmqpQueue {
    std::string name{};
    bool quorum = false;
    std::vector<std::pair<std::string, std::string>> texts{};     ///< Arguments that are text.
    std::vector<std::pair<std::string, std::int64_t>> numbers{};  ///< Arguments that are numbers.
};

/// A connection to RabbitMQ with one channel (AMQP 0-9-1). Not thread-safe. After an error that is not of one message
/// it is of no further use.
class AmqpConnection {
 public:
    static Result<std::unique_ptr<AmqpConnection>> open(QueueSettings const& settings, std::chrono::seconds heartbeat);

    AmqpConnection(AmqpConnection const&) = delete;
    AmqpConnection& operator=(AmqpConnection const&) = delete;
    ~AmqpConnection() = default;

    /// What to wait for when `next` has nothing.
    int socket() const noexcept;
    bool alive() const noexcept { return alive_; }

    Result<void> declare(AmqpQueue const& queue);
    /// Asks for confirmations, once, before `publish` (https://www.rabbitmq.com/docs/confirms).
    Result<void> confirm();
    /// Publishes and waits for the confirmation of each.
    std::vector<Result<void>> publish(std::span<AmqpPublication const> publications);

    /// One message that is there.
    Result<std::optional<AmqpMessage>> get(std::string const& queue);
    /// Has the broker send one message as soon as there is one, until `cancel`.
    Result<void> consume(std::string const& queue);
    Result<void> cancel();
    /// A message that the broker has sent and that is here.
    Result<std::optional<AmqpMessage>> next();
    /// True when frames have been read that `next` has not looked at.
    bool has_more() const noexcept;

    Result<void> acknowledge(std::uint64_t tag);
    Result<void> give_back(std::uint64_t tag);
    /// Has the broker answer: proves that the connection lives, and keeps it.
    Result<void> touch();

 private:
    struct Destroy {
        void operator()(amqp_connection_state_t_* state) const noexcept;
    };

    explicit AmqpConnection(amqp_connection_state_t_* state);

    Error dead(Error error) noexcept;
    Error dead(int status);
    Result<void> reply();
    Result<void> await_confirmations(std::uint64_t first, std::vector<Result<void>>& results);

    std::unique_ptr<amqp_connection_state_t_, Destroy> state_;
    std::uint64_t published_ = 0;
    bool alive_ = true;
};

}  // namespace nexpo::drivers
