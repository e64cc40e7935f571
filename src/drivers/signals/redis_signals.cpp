// SPDX-License-Identifier: Apache-2.0
#include "drivers/signals/redis_signals.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/hex.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::chrono::milliseconds kRetryPause{500};
/// Between two sendings; what comes meanwhile goes together.
constexpr std::chrono::milliseconds kSendPause{2};
/// A connection on which nothing was heard for so long is made anew: whoever is at its other end may be gone.
constexpr std::chrono::minutes kSilence{1};

std::string random_sender(Random& random) {
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    return base::hex_encode(bytes);
}

}  // namespace

RedisSignals::RedisSignals(QueueSettings settings, telemetry::Logger log)
    : settings_(std::move(settings)),
      log_(std::move(log)),
      channel_(settings_.queue + ":signals"),
      sender_(random_sender(*settings_.random)) {}

void RedisSignals::begin(store::Signals& signals) {
    std::lock_guard const lock(mutex_);
    if (std::exchange(begun_, true)) return;
    signals_ = &signals;
    publisher_ = std::jthread([this](std::stop_token const& stop) { publish(stop); });
    subscriber_ = std::jthread([this](std::stop_token const& stop) { subscribe(stop); });
}

void RedisSignals::send(std::string_view topic, std::string_view payload) {
    {
        std::lock_guard const lock(mutex_);
        if (!waiting_.add(topic, payload)) return;
    }
    changed_.notify_all();
}

void RedisSignals::close() {
    {
        std::lock_guard const lock(mutex_);
        begun_ = true;  // nothing begins any more
    }
    for (auto* thread : {&publisher_, &subscriber_}) {
        thread->request_stop();
        if (thread->joinable()) thread->join();
    }
}

void RedisSignals::publish(std::stop_token const& stop) {
    while (true) {
        std::set<std::string> signals;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
            if (stop.stop_requested()) return;
            signals = waiting_.take();
        }
        auto const published = publish_some(signals);
        report("telling other processes", published, publish_fails_);
        if (!published) {
            publishing_.reset();
            std::lock_guard const lock(mutex_);
            waiting_.put_back(signals);
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, published ? kSendPause : kRetryPause, [] { return false; });
    }
}

Result<void> RedisSignals::publish_some(std::set<std::string> const& signals) {
    if (!publishing_) {
        auto opened = RedisConnection::open(settings_);
        if (!opened) return std::move(opened).error();
        publishing_ = std::move(*opened);
    }
    std::vector<RedisCommand> commands;
    commands.reserve(signals.size());
    for (auto const& signal : signals) commands.push_back({"PUBLISH", channel_, sender_ + " " + signal});
    auto const deadline = redis_answer_deadline();
    if (auto sent = publishing_->write(commands, deadline); !sent) return sent;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        auto const reply = publishing_->read(deadline, {});
        if (!reply) return reply.error();
        if (reply->kind == RedisReply::Kind::error) return redis_error(*reply);
    }
    return {};
}

void RedisSignals::subscribe(std::stop_token const& stop) {
    while (!stop.stop_requested()) {
        auto const heard = hear_some(stop);
        if (stop.stop_requested()) return;
        bool const silent = !heard && heard.error().code == Errc::deadline_exceeded;
        report("hearing from other processes", silent ? Result<void>() : heard, subscribe_fails_);
        if (silent) continue;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kRetryPause, [] { return false; });
    }
}

/// Until the connection is lost, or nothing was heard for a while.
Result<void> RedisSignals::hear_some(std::stop_token const& stop) {
    auto opened = RedisConnection::open(settings_);
    if (!opened) return std::move(opened).error();
    auto const subscribed = (*opened)->ask({"SUBSCRIBE", channel_});
    if (!subscribed) return subscribed.error();
    if (subscribed->kind == RedisReply::Kind::error) return redis_error(*subscribed);
    report("hearing from other processes", {}, subscribe_fails_);
    signals_->hear_of_everything();
    while (true) {
        auto const message = (*opened)->read(std::chrono::steady_clock::now() + kSilence, stop);
        if (!message) return message.error();
        bool const is_message = message->items.size() == 3 && message->items[0].text == "message";
        if (!is_message) continue;
        std::string_view const text = message->items[2].text;
        auto const [sender, signal] = store::SignalBuffer::split(text);
        if (sender == sender_) continue;
        auto const [topic, payload] = store::SignalBuffer::split(signal);
        if (!topic.empty()) signals_->hear(topic, payload);
    }
}

void RedisSignals::report(char const* doing, Result<void> const& result, bool& failing) const {
    if (!result && !failing)
        log_.warning("signals are not carried", {{"doing", doing}, {"reason", result.error().reason}});
    if (result && failing) log_.info("signals are carried again", {{"doing", doing}});
    failing = !result;
}

}  // namespace nexpo::drivers
