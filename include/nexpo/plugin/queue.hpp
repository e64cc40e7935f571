// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A queue outside of the database that wakes workers.
///
/// The database holds the truth and a queue only wakes: a message carries a job's id and nothing else of value. So a
/// queue may deliver a message twice, late, out of order or never; that costs time and nothing else.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "nexpo/export.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

/// One message to send.
struct QueueMessage {
    std::string body{};             ///< Any bytes, at least one and at most `QueueLimits::max_body_bytes`.
    std::chrono::seconds delay{0};  ///< Nobody gets it earlier; not negative, at most `QueueLimits::max_delay`.
    std::string group{};  ///< Messages of one group come in order; empty for none. Only where `QueueLimits::groups`.
};

/// One message as received. Whoever has it holds a lease: nobody else gets it until the lease ends.
struct QueueDelivery {
    std::string body{};     ///< As sent.
    std::string receipt{};  ///< Names this delivery to the queue that made it; opaque, another one at each delivery.
    std::int64_t deliveries = 1;  ///< Which delivery of the message this is, as far as the queue can tell; from 1.
};

/// What a queue can do. Values do not change while the queue lives.
struct QueueLimits {
    std::size_t max_body_bytes = 0;     ///< Longer bodies are refused: `message_too_large`.
    std::size_t max_receive = 1;        ///< No `receive` answers more.
    std::chrono::seconds max_delay{0};  ///< Of a message and of a release; longer ones are refused: `delay_too_long`.
    std::chrono::seconds lease{0};      ///< How long a delivery is held unless it is extended.
    bool chooses_extension = false;     ///< `extend` takes the length that it is asked for; else a lease begins anew.
    bool groups = false;                ///< Messages may have a group; else one is refused: `group_unsupported`.

    bool operator==(QueueLimits const&) const = default;
};

/// A queue of messages, at least once. Everything may be called from any thread at the same time, and every call ends
/// in bounded time: `receive` when its wait is over or stop is requested, the others after some seconds.
///
/// Errors that every call may answer: unavailable (`queue_unavailable`: the service is not there; the same call may
/// succeed later, a connection is made anew by itself), unauthenticated or permission_denied (`queue_refused`: it does
/// not take our credentials), resource_exhausted (`queue_busy`, perhaps with `retry_after`), unknown
/// (`queue_answer_invalid`: it answered what its protocol does not know).
///
/// The interface is frozen: a new ability becomes an interface of its own, as `QueueDeadLetters` is one.
class NEXPO_API Queue {
 public:
    Queue() = default;
    Queue(Queue const&) = delete;
    Queue& operator=(Queue const&) = delete;
    virtual ~Queue();

    /// What this queue can do.
    virtual QueueLimits limits() const noexcept = 0;

    /// Sends messages, as many as there are, and answers for each of them in their order: some may fail while others
    /// are sent. A success means that the service keeps the message. After an error it may have it nevertheless.
    /// Errors: invalid_argument (`message_empty`, `message_too_large`, `delay_too_long`, `group_unsupported`).
    virtual std::vector<Result<void>> send(std::span<QueueMessage const> messages) = 0;

    /// Takes up to `most` messages (0 counts as 1), and waits for the first of them until `wait` is over or `stop` is
    /// requested; both answer an empty list, which may come earlier too. Does not wait for more than one.
    virtual Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                                       std::stop_token stop) = 0;

    /// Tells the queue that these are done with; it forgets them. Answers for each in their order. A failure is no
    /// failure of the work: the message comes again.
    /// Errors: failed_precondition (`delivery_lost`: the lease had ended). Not every service tells.
    virtual std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) = 0;

    /// Makes the lease last for `lease` from now, from a second to what the service allows (it takes the nearest), or,
    /// where the length cannot be chosen, as long as a new one. Answers how long it lasts. May change the receipt.
    /// Extend at half time.
    /// Errors: failed_precondition (`delivery_lost`).
    virtual Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds lease) = 0;

    /// Gives a message back, to be delivered again after `delay`.
    /// Errors: failed_precondition (`delivery_lost`), invalid_argument (`delay_too_long`).
    virtual Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) = 0;
};

/// A message that was delivered too often without being acknowledged.
struct QueueDeadLetter {
    std::string body{};           ///< As sent.
    std::int64_t deliveries = 0;  ///< How often it was delivered; 0 where the service does not say.
};

/// Where a queue keeps what nobody acknowledged. A queue that can show it implements this interface too; ask with
/// `std::dynamic_pointer_cast`. As thread-safe as `Queue`.
class NEXPO_API QueueDeadLetters {
 public:
    QueueDeadLetters() = default;
    QueueDeadLetters(QueueDeadLetters const&) = delete;
    QueueDeadLetters& operator=(QueueDeadLetters const&) = delete;
    virtual ~QueueDeadLetters();

    /// Shows up to `most` dead messages, the oldest first where the service knows. They stay where they are.
    /// Errors: those of every call of a `Queue`.
    virtual Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) = 0;
};

}  // namespace nexpo::inline v1
