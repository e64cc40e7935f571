// SPDX-License-Identifier: Apache-2.0
#include "work/queue_link.hpp"

#include <algorithm>
#include <utility>

#include "nexpo/id.hpp"
#include "store/guarded.hpp"

namespace nexpo::work {

namespace {

/// Messages at a time, whatever the number of jobs, and the time between. Receivers must keep pace with many senders,
/// and the slowest service gives one message for each request.
constexpr std::size_t kMostAtOnce = 4;
constexpr std::chrono::milliseconds kBetweenSends{20};
/// After an empty answer, which a queue may give at once.
constexpr std::chrono::milliseconds kBetweenReceives{50};
constexpr std::chrono::seconds kLongestReceive{20};
constexpr std::chrono::milliseconds kFirstPause{1'000};
constexpr std::chrono::milliseconds kLongestPause{30'000};

constexpr char const* kMessages = "nexpo_queue_messages_total";
constexpr char const* kMessagesHelp = "Messages of the queue that wakes workers, by what became of them.";

/// Fewer answers than questions come from a plugin that is wrong.
Error answer_missing() {
    return {Errc::unknown, "queue_answer_invalid", "the queue did not answer for every message"};
}

}  // namespace

QueueLink::QueueLink(std::shared_ptr<Queue> queue, std::function<void()> wake, telemetry::Metrics& metrics,
                     telemetry::Logger log)
    : queue_(std::move(queue)),
      wake_(std::move(wake)),
      log_(std::move(log)),
      sent_(metrics.counter(kMessages, kMessagesHelp, {{"outcome", "sent"}})),
      not_sent_(metrics.counter(kMessages, kMessagesHelp, {{"outcome", "not_sent"}})),
      received_(metrics.counter(kMessages, kMessagesHelp, {{"outcome", "received"}})),
      not_ours_(metrics.counter(kMessages, kMessagesHelp, {{"outcome", "not_ours"}})),
      sends_(course("send", metrics)),
      receives_(course("receive", metrics)),
      acknowledges_(course("acknowledge", metrics)) {}

QueueLink::Course QueueLink::course(char const* call, telemetry::Metrics& metrics) {
    return {call, metrics.counter("nexpo_queue_failures_total", "Calls to the queue that wakes workers which failed.",
                                  {{"call", call}})};
}

void QueueLink::start(bool receives) {
    sender_ = std::thread([this] { keep_sending(); });
    if (receives) receiver_ = std::jthread([this](std::stop_token const& stop) { keep_receiving(stop); });
}

void QueueLink::announce(std::string_view job_id) {
    {
        std::lock_guard const lock(mutex_);
        if (closing_ || announced_.size() >= kMostAtOnce) return;
        announced_.emplace_back(job_id);
    }
    changed_.notify_all();
}

void QueueLink::close() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    receiver_.request_stop();
    if (sender_.joinable()) sender_.join();
    if (receiver_.joinable()) receiver_.join();
    send();
    std::lock_guard const lock(send_mutex_);
    closed_ = true;
}

void QueueLink::keep_sending() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return closing_ || !announced_.empty(); });
            if (closing_) return;  // `close` sends the rest
        }
        send();
        if (!wait(sends_.failing ? sends_.pause : kBetweenSends)) return;
    }
}

void QueueLink::send() {
    std::lock_guard const lock(send_mutex_);
    auto job_ids = take_announced();
    if (!job_ids.empty() && !closed_) note(sends_, send_messages(std::move(job_ids)));
}

std::vector<std::string> QueueLink::take_announced() {
    std::lock_guard const lock(mutex_);
    return std::exchange(announced_, {});
}

Result<void> QueueLink::send_messages(std::vector<std::string> job_ids) {
    std::vector<QueueMessage> messages;
    messages.reserve(job_ids.size());
    for (auto& id : job_ids) messages.push_back({.body = std::move(id)});
    std::vector<Result<void>> results;
    auto const called = store::guarded("exception", [&]() -> Result<void> {
        results = queue_->send(messages);
        return {};
    });
    results.resize(messages.size(), called ? answer_missing() : called.error());
    auto const failed = std::ranges::count_if(results, [](auto const& result) { return !result; });
    not_sent_.add(static_cast<std::uint64_t>(failed));
    sent_.add(results.size() - static_cast<std::size_t>(failed));
    auto const first = std::ranges::find_if(results, [](auto const& result) { return !result; });
    return first == results.end() ? Result<void>() : *first;
}

void QueueLink::keep_receiving(std::stop_token const& stop) {
    while (!stop.stop_requested()) {
        auto const deliveries = receive_messages(stop);
        note(receives_, deliveries ? Result<void>() : deliveries.error());
        if (!deliveries) {
            wait(receives_.pause);
        } else if (deliveries->empty()) {
            wait(kBetweenReceives);
        } else {
            wake_workers(*deliveries);
            note(acknowledges_, acknowledge(*deliveries));
        }
    }
}

Result<std::vector<QueueDelivery>> QueueLink::receive_messages(std::stop_token const& stop) {
    std::vector<QueueDelivery> deliveries;
    auto const called = store::guarded("exception", [&]() -> Result<void> {
        auto received = queue_->receive(queue_->limits().max_receive, kLongestReceive, stop);
        if (!received) return std::move(received).error();
        deliveries = std::move(*received);
        return {};
    });
    if (!called) return called.error();
    return deliveries;
}

void QueueLink::wake_workers(std::vector<QueueDelivery> const& deliveries) {
    auto const ours = std::ranges::count_if(deliveries, [](auto const& one) { return is_id(one.body, "job"); });
    auto const strangers = deliveries.size() - static_cast<std::size_t>(ours);
    received_.add(static_cast<std::uint64_t>(ours));
    not_ours_.add(strangers);
    if (ours > 0) wake_();
    if (strangers == 0 || stranger_logged_) return;
    stranger_logged_ = true;
    log_.warning("somebody else's messages are in the queue that wakes workers; they are removed");
}

Result<void> QueueLink::acknowledge(std::vector<QueueDelivery> const& deliveries) {
    std::vector<Result<void>> results;
    auto const called = store::guarded("exception", [&]() -> Result<void> {
        results = queue_->acknowledge(deliveries);
        return {};
    });
    results.resize(deliveries.size(), called ? answer_missing() : called.error());
    for (auto const& result : results) {
        // It comes again, which is harmless.
        if (!result && result.error().reason != "delivery_lost") return result;
    }
    return {};
}

void QueueLink::note(Course& course, Result<void> const& result) const {
    if (result) {
        if (course.failing) log_.info("the queue that wakes workers works again", {{"call", course.call}});
        course.failing = false;
        return;
    }
    course.failures.add();
    auto const& error = result.error();
    if (!course.failing) {
        log_.warning("the queue that wakes workers failed; jobs are found in the database meanwhile",
                     {{"call", course.call}, {"reason", error.reason}, {"why", error.message}});
    }
    course.pause = course.failing ? std::min(course.pause * 2, kLongestPause) : kFirstPause;
    if (error.retry_after) course.pause = std::clamp(*error.retry_after, course.pause, kLongestPause);
    course.failing = true;
}

bool QueueLink::wait(std::chrono::milliseconds pause) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, pause, [this] { return closing_; });
}

}  // namespace nexpo::work
