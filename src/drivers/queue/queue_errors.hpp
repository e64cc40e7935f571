// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "nexpo/plugin/queue.hpp"

namespace nexpo::drivers {

// The errors of `Queue`, alike in all drivers. `why` holds no secret.

Error queue_unavailable(std::string why);
Error queue_refused(std::string why);
Error queue_answer_invalid(std::string why);
Error delivery_lost();

/// What every driver refuses before it asks anybody: what `limits` do not allow.
Result<void> check_message(QueueLimits const& limits, QueueMessage const& message);
Result<void> check_delay(QueueLimits const& limits, std::chrono::seconds delay);

/// The receipt's parts, which the driver joined with `:`; nothing when there are not `count` of them.
std::vector<std::string> receipt_parts(std::string const& receipt, std::size_t count);

/// A decimal number that is not negative; -1 for any other text.
std::int64_t receipt_number(std::string const& text);

/// The messages of a sending together with their results, in which what is refused has its place already.
class QueueSending {
 public:
    QueueSending(QueueLimits const& limits, std::span<QueueMessage const> messages);

    /// What is still to be sent.
    std::vector<std::size_t> const& open() const noexcept { return open_; }
    /// Answers for one message.
    void answer(std::size_t message, Result<void> result) { results_[message] = std::move(result); }
    std::vector<Result<void>> take() { return std::move(results_); }

 private:
    std::vector<Result<void>> results_;
    std::vector<std::size_t> open_;
};

}  // namespace nexpo::drivers
