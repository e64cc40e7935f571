// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/queue_errors.hpp"

#include <charconv>
#include <utility>

namespace nexpo::drivers {

Error queue_unavailable(std::string why) {
    return {Errc::unavailable, "queue_unavailable", std::move(why)};
}

Error queue_refused(std::string why) {
    return {Errc::unauthenticated, "queue_refused", std::move(why)};
}

Error queue_answer_invalid(std::string why) {
    return {Errc::unknown, "queue_answer_invalid", std::move(why)};
}

Error delivery_lost() {
    return {Errc::failed_precondition, "delivery_lost", "the lease of the delivery has ended"};
}

Result<void> check_message(QueueLimits const& limits, QueueMessage const& message) {
    if (message.body.empty()) return Error{Errc::invalid_argument, "message_empty", "a message needs a body"};
    if (message.body.size() > limits.max_body_bytes) {
        return Error{Errc::invalid_argument, "message_too_large",
                     "a message has at most " + std::to_string(limits.max_body_bytes) + " bytes"};
    }
    if (!message.group.empty() && !limits.groups) {
        return Error{Errc::invalid_argument, "group_unsupported", "the queue keeps no order within groups"};
    }
    return check_delay(limits, message.delay);
}

Result<void> check_delay(QueueLimits const& limits, std::chrono::seconds delay) {
    if (delay.count() >= 0 && delay <= limits.max_delay) return {};
    return Error{Errc::invalid_argument, "delay_too_long",
                 "a delay is from 0 to " + std::to_string(limits.max_delay.count()) + " seconds"};
}

std::vector<std::string> receipt_parts(std::string const& receipt, std::size_t count) {
    std::vector<std::string> parts(1);
    for (char const c : receipt) {
        if (c == ':') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    if (parts.size() != count) parts.clear();
    return parts;
}

std::int64_t receipt_number(std::string const& text) {
    std::int64_t value = -1;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? value : -1;
}

QueueSending::QueueSending(QueueLimits const& limits, std::span<QueueMessage const> messages) {
    results_.reserve(messages.size());
    for (std::size_t at = 0; at < messages.size(); ++at) {
        results_.push_back(check_message(limits, messages[at]));
        if (results_.back()) open_.push_back(at);
    }
}

}  // namespace nexpo::drivers
