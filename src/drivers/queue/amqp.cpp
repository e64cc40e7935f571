// SPDX-License-Identifier: Apache-2.0
// RabbitMQ: https://www.rabbitmq.com/docs/quorum-queues, https://www.rabbitmq.com/docs/confirms
//
// The broker knows no lease: a delivery is held as long as its connection lives. So the driver keeps the leases and
// gives back what has ended, and asks for heartbeats so that the broker notices when this process stands still.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "drivers/queue/amqp_connection.hpp"
#include "drivers/queue/drivers.hpp"
#include "drivers/queue/queue_errors.hpp"
#include "drivers/queue/queue_leases.hpp"
#include "drivers/queue/queue_limits.hpp"

namespace nexpo::drivers {

namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kPublishAtOnce = 100;
constexpr std::size_t kMaxIdleConnections = 8;
/// Nobody tells of a lease that ends: it is looked for at least as often.
constexpr std::chrono::milliseconds kLookAgain{500};

/// A delay as a queue has it: up to a minute to the second, then rounded up to one of some two hundred, because each
/// length has a queue of its own.
std::chrono::seconds rounded(std::chrono::seconds delay) {
    auto const step = delay.count() <= 60 ? 1 : delay.count() <= 600 ? 10 : delay.count() <= 3600 ? 60 : 600;
    return std::chrono::seconds((delay.count() + step - 1) / step * step);
}

/// A connection on which messages are received and answered. One thread receives at a time; others may answer.
class Receiver {
 public:
    Receiver(std::unique_ptr<AmqpConnection> connection, std::uint64_t number)
        : connection_(std::move(connection)), number_(number), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    Receiver(Receiver const&) = delete;
    Receiver& operator=(Receiver const&) = delete;
    ~Receiver() {
        if (wake_ >= 0) close(wake_);
    }

    std::uint64_t number() const noexcept { return number_; }

    /// Works with the connection alone.
    template <class Work>
    auto with(Work work) {
        std::scoped_lock const lock(mutex_);
        return work(*connection_);
    }

    bool alive() {
        return with([](AmqpConnection& connection) { return connection.alive(); });
    }

    void wake() const { eventfd_write(wake_, 1); }

    /// Until the broker sends something, somebody calls `wake`, or the time is over.
    void wait(std::chrono::milliseconds time) {
        int const socket = with([](AmqpConnection& connection) { return connection.socket(); });
        std::array<pollfd, 2> waits{{{socket, POLLIN, 0}, {wake_, POLLIN, 0}}};
        poll(waits.data(), waits.size(), static_cast<int>(time.count()));
        eventfd_t count = 0;
        eventfd_read(wake_, &count);
    }

 private:
    std::mutex mutex_;
    std::unique_ptr<AmqpConnection> connection_;
    std::uint64_t const number_;
    int const wake_;
};

class AmqpQueueDriver final : public Queue, public QueueDeadLetters {
 public:
    explicit AmqpQueueDriver(QueueSettings settings)
        : settings_(std::move(settings)),
          queue_("nexpo." + settings_.queue),
          dead_(queue_ + ".dead"),
          leases_(settings_.clock, settings_.lease) {}

    QueueLimits limits() const noexcept override { return broker_limits(settings_.lease); }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        std::vector<AmqpPublication> publications;
        std::vector<std::chrono::seconds> delays;
        for (auto const at : sending.open()) {
            publications.push_back({.queue = queue_for(messages[at].delay), .body = messages[at].body});
            delays.push_back(messages[at].delay);
        }
        auto results = publish(publications, delays);
        for (std::size_t at = 0; at < results.size(); ++at) sending.answer(sending.open()[at], std::move(results[at]));
        return sending.take();
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(wait, {}, std::chrono::days(1));
        most = std::clamp<std::size_t>(most, 1, kMaxQueueReceive);
        if (stop.stop_requested()) return std::vector<QueueDelivery>();
        give_back_ended();
        // A connection that was not used for a while may have ended; then a new one is tried once.
        for (int attempt = 0;; ++attempt) {
            auto receiver = attempt == 0 ? borrow() : connect();
            if (!receiver) return receiver.error();
            auto received = receive_on(*receiver, most, end, stop);
            if (received) give_back(std::move(*receiver));
            if (received || attempt == 1) return received;
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results;
        results.reserve(deliveries.size());
        for (auto const& delivery : deliveries) {
            results.push_back(end(delivery.receipt, [](AmqpConnection& connection, std::uint64_t tag) {
                return connection.acknowledge(tag);
            }));
        }
        return results;
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds) override {
        auto const held = leases_.find(delivery.receipt);
        if (!held) return delivery_lost();
        bool more = false;
        auto touched = held->receiver->with([&more](AmqpConnection& connection) -> Result<void> {
            if (!connection.alive()) return delivery_lost();
            auto done = connection.touch();
            more = connection.alive() && connection.has_more();
            return done;
        });
        if (more) held->receiver->wake();  // what was read meanwhile is for whoever receives
        if (!touched || !leases_.renew(delivery.receipt)) return delivery_lost();
        return settings_.lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits.error();
        auto const held = leases_.find(delivery.receipt);
        if (!held) return delivery_lost();
        if (delay.count() > 0) {
            AmqpPublication const later{
                .queue = queue_for(delay), .body = delivery.body, .before = delivery.deliveries};
            auto published = publish({&later, 1}, {&delay, 1});
            if (!published.front()) return published.front();
        }
        return end(delivery.receipt, [delay](AmqpConnection& connection, std::uint64_t tag) {
            return delay.count() > 0 ? connection.acknowledge(tag) : connection.give_back(tag);
        });
    }

    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        auto receiver = connect();
        if (!receiver) return receiver.error();
        // With the end of the connection all of it goes back to where it was.
        return (*receiver)->with([&](AmqpConnection& connection) -> Result<std::vector<QueueDeadLetter>> {
            std::vector<QueueDeadLetter> letters;
            while (letters.size() < std::clamp<std::size_t>(most, 1, kMaxQueueReceive)) {
                auto message = connection.get(dead_);
                if (!message) return message.error();
                if (!*message) break;
                letters.push_back({.body = std::move((*message)->body), .deliveries = settings_.max_deliveries});
            }
            return letters;
        });
    }

 private:
    struct Held {
        std::shared_ptr<Receiver> receiver;
        std::uint64_t tag = 0;
    };

    std::string queue_for(std::chrono::seconds delay) const {
        return delay.count() == 0 ? queue_ : queue_ + ".delay." + std::to_string(rounded(delay).count());
    }

    // Receiving.

    Result<std::vector<QueueDelivery>> receive_on(std::shared_ptr<Receiver> const& receiver, std::size_t most,
                                                  Deadline end, std::stop_token const& stop) {
        std::vector<QueueDelivery> deliveries;
        for (;;) {
            auto drained = drain(receiver, most, deliveries);
            if (!drained) return deliveries.empty() ? Result<std::vector<QueueDelivery>>(drained.error()) : deliveries;
            if (!deliveries.empty() || stop.stop_requested() || std::chrono::steady_clock::now() >= end) {
                return deliveries;
            }
            auto first = await(*receiver, end, stop);
            if (!first) return first.error();
            if (!*first) return deliveries;
            take(receiver, std::move(**first), deliveries);
        }
    }

    /// Takes what is there.
    Result<void> drain(std::shared_ptr<Receiver> const& receiver, std::size_t most,
                       std::vector<QueueDelivery>& deliveries) {
        while (deliveries.size() < most) {
            auto message = receiver->with([this](AmqpConnection& connection) { return connection.get(queue_); });
            if (!message) return message.error();
            if (!*message) return {};
            take(receiver, std::move(**message), deliveries);
        }
        return {};
    }

    /// Has the broker send one message and waits for it.
    Result<std::optional<AmqpMessage>> await(Receiver& receiver, Deadline end, std::stop_token const& stop) {
        std::stop_callback const on_stop(stop, [&receiver] { receiver.wake(); });
        auto consuming = receiver.with([this](AmqpConnection& connection) { return connection.consume(queue_); });
        if (!consuming) return consuming.error();
        for (;;) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            bool const over = left.count() <= 0 || stop.stop_requested();
            auto message = receiver.with([over](AmqpConnection& connection) -> Result<std::optional<AmqpMessage>> {
                auto next = connection.next();
                if (!next || (!*next && !over)) return next;
                if (auto cancelled = connection.cancel(); !cancelled) return cancelled.error();
                // One may have come before the broker heard that it should send no more.
                return *next ? next : connection.next();
            });
            if (!message || *message || over) return message;
            receiver.wait(std::min(left, kLookAgain));
            give_back_ended();
        }
    }

    /// Makes a delivery of a message, unless it is dead or none of ours.
    void take(std::shared_ptr<Receiver> const& receiver, AmqpMessage message, std::vector<QueueDelivery>& deliveries) {
        auto const acknowledge = [&] {
            static_cast<void>(
                receiver->with([&](AmqpConnection& connection) { return connection.acknowledge(message.tag); }));
        };
        if (message.body.size() > kMaxQueueBody || message.body.empty()) return acknowledge();
        auto const number = message.before + 1;
        auto const receipt = std::to_string(receiver->number()) + ":" + std::to_string(message.tag);
        leases_.add(receipt, {receiver, message.tag});
        if (number > settings_.max_deliveries) {
            // A copy goes to the dead; when that fails, the message comes again with the end of its lease.
            AmqpPublication const dead{.queue = dead_, .body = message.body, .before = message.before};
            std::chrono::seconds const at_once{0};
            if (!publish({&dead, 1}, {&at_once, 1}).front()) return;
            leases_.forget(receipt);
            return acknowledge();
        }
        deliveries.push_back({.body = std::move(message.body), .receipt = receipt, .deliveries = number});
    }

    template <class Answer>
    Result<void> end(std::string const& receipt, Answer answer) {
        auto const held = leases_.find(receipt);
        if (!held) return delivery_lost();
        leases_.forget(receipt);
        return held->receiver->with([&](AmqpConnection& connection) -> Result<void> {
            // With its connection every lease has ended.
            if (!connection.alive() || !answer(connection, held->tag)) return delivery_lost();
            return {};
        });
    }

    void give_back_ended() {
        leases_.take_ended([](Held const& held) {
            static_cast<void>(held.receiver->with([&held](AmqpConnection& connection) -> Result<void> {
                return connection.alive() ? connection.give_back(held.tag) : Result<void>();
            }));
        });
    }

    // Publishing.

    std::vector<Result<void>> publish(std::span<AmqpPublication const> publications,
                                      std::span<std::chrono::seconds const> delays) {
        std::vector<Result<void>> results;
        std::scoped_lock const lock(publishing_);
        // A connection that was not used for a while may have ended; then a new one is tried once.
        bool fresh = false;
        while (results.size() < publications.size()) {
            if (!publisher_ || !publisher_->alive()) {
                auto opened = open_publisher();
                if (!opened) {
                    results.resize(publications.size(), opened.error());
                    break;
                }
                publisher_ = std::move(*opened);
                fresh = true;
            }
            auto const now = std::min(publications.size() - results.size(), kPublishAtOnce);
            auto some = publish_some(publications.subspan(results.size(), now), delays.subspan(results.size(), now));
            if (!fresh && !publisher_->alive()) continue;
            results.insert(results.end(), some.begin(), some.end());
        }
        return results;
    }

    std::vector<Result<void>> publish_some(std::span<AmqpPublication const> publications,
                                           std::span<std::chrono::seconds const> delays) {
        for (auto const delay : delays) {
            if (delay.count() == 0) continue;
            // Declared each time: that keeps the queue from expiring with messages in it.
            auto const milliseconds = std::chrono::milliseconds(rounded(delay)).count();
            auto declared = publisher_->declare(
                {.name = queue_for(delay),
                 .texts = {{"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", queue_}},
                 .numbers = {{"x-message-ttl", milliseconds}, {"x-expires", milliseconds + 60'000}}});
            if (!declared) return std::vector<Result<void>>(publications.size(), declared.error());
        }
        auto results = publisher_->publish(publications);
        // A queue that has no leader for a moment refuses; once more, each by itself.
        for (std::size_t at = 0; at < results.size() && publisher_->alive(); ++at) {
            if (!results[at]) results[at] = publisher_->publish(publications.subspan(at, 1)).front();
        }
        return results;
    }

    Result<std::unique_ptr<AmqpConnection>> open_publisher() {
        auto connection = open(std::chrono::seconds(0));
        if (!connection) return connection.error();
        if (auto confirmed = (*connection)->confirm(); !confirmed) return confirmed.error();
        return connection;
    }

    // Connections.

    Result<std::unique_ptr<AmqpConnection>> open(std::chrono::seconds heartbeat) {
        auto connection = AmqpConnection::open(settings_, heartbeat);
        if (!connection) return connection.error();
        // One after the other: who finds a queue that is just being made may get its messages refused.
        std::scoped_lock const lock(declaring_);
        // The limit is ours; the broker's stands so high that it only catches what never comes to us.
        auto declared = (*connection)
                            ->declare({.name = queue_,
                                       .quorum = true,
                                       .texts = {{"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", dead_}},
                                       .numbers = {{"x-delivery-limit", 100'000}}});
        if (!declared) return declared.error();
        declared = (*connection)->declare({.name = dead_, .numbers = {{"x-max-length", 10'000}}});
        if (!declared) return declared.error();
        return connection;
    }

    Result<std::shared_ptr<Receiver>> connect() {
        // Who extends at half time, or receives, is heard of often enough.
        auto connection = open(std::max(settings_.lease, std::chrono::seconds(10)));
        if (!connection) return connection.error();
        std::scoped_lock const lock(mutex_);
        return std::make_shared<Receiver>(std::move(*connection), ++receivers_);
    }

    Result<std::shared_ptr<Receiver>> borrow() {
        for (;;) {
            std::shared_ptr<Receiver> receiver;
            {
                std::scoped_lock const lock(mutex_);
                if (idle_.empty()) break;
                receiver = std::move(idle_.back());
                idle_.pop_back();
            }
            if (receiver->alive()) return receiver;
        }
        return connect();
    }

    void give_back(std::shared_ptr<Receiver> receiver) {
        std::scoped_lock const lock(mutex_);
        if (idle_.size() < kMaxIdleConnections) idle_.push_back(std::move(receiver));
    }

    QueueSettings const settings_;
    std::string const queue_;
    std::string const dead_;
    QueueLeases<Held> leases_;

    std::mutex mutex_;
    std::vector<std::shared_ptr<Receiver>> idle_;
    std::uint64_t receivers_ = 0;

    std::mutex declaring_;
    std::mutex publishing_;
    std::unique_ptr<AmqpConnection> publisher_;
};

}  // namespace

Result<std::shared_ptr<Queue>> open_amqp_queue(QueueSettings settings) {
    if (settings.host.empty()) return queue_url_invalid("it names no host");
    if (!settings.others.empty()) return queue_url_invalid("AMQP knows the parameters queue, lease, deliveries and ca");
    return std::shared_ptr<Queue>(std::make_shared<AmqpQueueDriver>(std::move(settings)));
}

}  // namespace nexpo::drivers
