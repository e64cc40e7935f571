// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/queue/queue_settings.hpp"

namespace nexpo::drivers {

/// One message of NATS.
struct NatsMessage {
    std::string subject{};
    std::string reply{};
    std::string data{};
    std::vector<std::pair<std::string, std::string>> headers{};

    /// The header's value, empty without it.
    std::string header(std::string_view name) const;
    /// Which delivery this is and when the server stored it, out of the reply's subject; nothing when it is not from
    /// JetStream (https://docs.nats.io/reference/reference-protocols/nats_api_reference, "ACK").
    struct Origin {
        std::int64_t deliveries = 0;
        Timestamp stored{};
        std::uint64_t sequence = 0;
    };
    std::optional<Origin> origin() const;
};

/// A subscription to answers. Not thread-safe but for `close`.
class NatsInbox {
 public:
    NatsInbox() = default;
    NatsInbox(NatsInbox const&) = delete;
    NatsInbox& operator=(NatsInbox const&) = delete;
    virtual ~NatsInbox() = default;

    /// What to answer to; more words may follow after a `.`.
    virtual std::string const& subject() const noexcept = 0;
    /// The next message; nothing when none came in time or the inbox was closed.
    virtual Result<std::optional<NatsMessage>> next(std::chrono::milliseconds wait) = 0;
    /// Ends `next`, from any thread.
    virtual void close() = 0;
};

/// A connection to NATS. Thread-safe. It is not made anew: when it has ended, another one is opened.
class NatsConnection {
 public:
    static Result<std::shared_ptr<NatsConnection>> open(QueueSettings const& settings);

    NatsConnection(NatsConnection const&) = delete;
    NatsConnection& operator=(NatsConnection const&) = delete;
    virtual ~NatsConnection() = default;

    virtual bool alive() const = 0;
    virtual Result<void> publish(NatsMessage const& message) = 0;
    virtual Result<NatsMessage> request(std::string const& subject, std::string const& data) = 0;
    virtual Result<std::unique_ptr<NatsInbox>> inbox() = 0;

 protected:
    NatsConnection() = default;
};

/// How long an answer may take.
inline constexpr std::chrono::seconds kNatsAnswerTime{5};

}  // namespace nexpo::drivers
