// SPDX-License-Identifier: Apache-2.0
// Redis Streams: https://redis.io/docs/latest/develop/data-types/streams/
#include <algorithm>
#include <mutex>
#include <utility>

#include "drivers/queue/drivers.hpp"
#include "drivers/queue/queue_errors.hpp"
#include "drivers/queue/queue_limits.hpp"
#include "drivers/queue/redis_connection.hpp"
#include "drivers/queue/redis_scripts.hpp"

namespace nexpo::drivers {

namespace {

using Kind = RedisReply::Kind;

constexpr std::size_t kMaxIdleConnections = 16;
constexpr std::size_t kCommandsAtOnce = 100;
/// Nobody tells of a lease that ends: it is looked for at least as often.
constexpr std::chrono::milliseconds kLookAgain{1000};

std::string milliseconds(std::chrono::seconds seconds) {
    return std::to_string(std::chrono::milliseconds(seconds).count());
}

class RedisQueue final : public Queue, public QueueDeadLetters {
 public:
    explicit RedisQueue(QueueSettings settings)
        : settings_(std::move(settings)),
          // One hash tag, so that a cluster keeps the keys together.
          stream_("{nexpo:" + settings_.queue + "}"),
          delayed_(stream_ + ":delayed"),
          dead_(stream_ + ":dead") {}

    QueueLimits limits() const noexcept override {
        return {.max_body_bytes = kMaxQueueBody,
                .max_receive = kMaxQueueReceive,
                .max_delay = std::chrono::days(365),
                .lease = settings_.lease};
    }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        std::vector<RedisCommand> commands;
        for (auto const at : sending.open()) {
            auto const& message = messages[at];
            if (message.delay.count() == 0) {
                commands.push_back({"XADD", stream_, "*", "b", message.body, "n", "0"});
            } else {
                commands.push_back(script(kRedisDelay, {milliseconds(message.delay), message.body, "0"}));
            }
        }
        auto replies = ask_all(commands);
        for (std::size_t at = 0; at < replies.size(); ++at) sending.answer(sending.open()[at], succeeded(replies[at]));
        return sending.take();
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() +
            std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds(0), std::chrono::days(1));
        most = std::clamp<std::size_t>(most, 1, kMaxQueueReceive);
        for (;;) {
            if (stop.stop_requested()) return std::vector<QueueDelivery>();
            auto taken = take(most);
            if (!taken) return taken.error();
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (!taken->deliveries.empty() || left.count() <= 0) return std::move(taken->deliveries);
            auto pause = std::min(left, kLookAgain);
            if (taken->next_due.count() >= 0) pause = std::min(pause, taken->next_due);
            if (taken->more) pause = {};
            if (pause.count() == 0) continue;
            if (auto woken = await(taken->last_id, pause, stop); !woken) return woken.error();
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results(deliveries.size(), delivery_lost());
        std::vector<RedisCommand> commands;
        std::vector<std::size_t> asked;
        for (std::size_t at = 0; at < deliveries.size(); ++at) {
            auto const parts = receipt_parts(deliveries[at].receipt, 2);
            if (parts.empty()) continue;
            commands.push_back(script(kRedisEnd, {parts[0], parts[1], "acknowledge", "0"}));
            asked.push_back(at);
        }
        auto replies = ask_all(commands);
        for (std::size_t at = 0; at < replies.size(); ++at) results[asked[at]] = held(replies[at]);
        return results;
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds) override {
        auto done = end(delivery, "extend", {});
        if (!done) return done.error();
        return settings_.lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits.error();
        return end(delivery, "release", delay);
    }

    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        auto const count = std::clamp<std::size_t>(most, 1, kMaxQueueReceive);
        auto reply = ask_all({{"XRANGE", dead_, "-", "+", "COUNT", std::to_string(count)}}).front();
        if (auto ok = succeeded(reply); !ok) return ok.error();
        std::vector<QueueDeadLetter> letters;
        for (auto const& entry : reply->items) {
            if (entry.items.size() != 2 || entry.items[1].items.size() != 4) continue;
            auto const& fields = entry.items[1].items;
            letters.push_back(
                {.body = fields[1].text, .deliveries = std::max<std::int64_t>(0, receipt_number(fields[3].text))});
        }
        return letters;
    }

 private:
    struct Taken {
        std::vector<QueueDelivery> deliveries{};
        std::chrono::milliseconds next_due{-1};
        std::string last_id{};
        bool more = false;  ///< Leases that may have ended were not all looked at.
    };

    RedisCommand script(char const* text, std::initializer_list<std::string> arguments) const {
        RedisCommand command{"EVAL", text, "3", stream_, delayed_, dead_};
        command.insert(command.end(), arguments);
        return command;
    }

    static Result<void> succeeded(Result<RedisReply> const& reply) {
        if (!reply) return reply.error();
        if (reply->kind == Kind::error) return redis_error(*reply);
        return {};
    }

    static Result<void> held(Result<RedisReply> const& reply) {
        if (auto ok = succeeded(reply); !ok) return ok.error();
        if (reply->kind != Kind::integer || reply->integer == 0) return delivery_lost();
        return {};
    }

    Result<void> end(QueueDelivery const& delivery, char const* what, std::chrono::seconds delay) {
        auto const parts = receipt_parts(delivery.receipt, 2);
        if (parts.empty()) return delivery_lost();
        return held(ask_all({script(kRedisEnd, {parts[0], parts[1], what, milliseconds(delay)})}).front());
    }

    Result<Taken> take(std::size_t most) {
        auto const from = look_from();
        auto reply = ask_all({script(kRedisTake,
                                     {std::to_string(most), milliseconds(settings_.lease),
                                      std::to_string(settings_.max_deliveries), from, std::to_string(kMaxQueueBody)})})
                         .front();
        if (auto ok = succeeded(reply); !ok) {
            forget_idle();  // the consumer group may be gone with everything else; a new connection makes it anew
            return ok.error();
        }
        auto const& parts = reply->items;
        if (parts.size() != 4) return queue_answer_invalid("Redis: the script answered something else");
        Taken taken{.next_due = std::chrono::milliseconds(parts[1].integer),
                    .last_id = parts[2].text,
                    .more = parts[0].text != "0-0"};
        look_from(parts[0].text);
        for (auto const& entry : parts[3].items) {
            if (entry.items.size() != 4) return queue_answer_invalid("Redis: the script answered something else");
            auto const& fields = entry.items;
            taken.deliveries.push_back({.body = fields[3].text,
                                        .receipt = fields[0].text + ":" + std::to_string(fields[1].integer),
                                        .deliveries = fields[2].integer});
        }
        return taken;
    }

    /// Waits for an entry after `last_id`; takes none, so that none is lost with the connection.
    Result<void> await(std::string const& last_id, std::chrono::milliseconds pause, std::stop_token const& stop) {
        auto connection = borrow();
        if (!connection) return connection.error();
        RedisCommand const command{"XREAD",   "COUNT", "1",    "BLOCK", std::to_string(pause.count()),
                                   "STREAMS", stream_, last_id};
        auto const deadline = redis_answer_deadline();
        if (auto sent = (*connection)->write({&command, 1}, deadline); !sent) return sent.error();
        auto reply = (*connection)->read(deadline + pause, stop);
        if (!reply) {
            if (reply.error().code == Errc::cancelled) return {};
            return lost(reply.error());
        }
        give_back(std::move(*connection));
        return succeeded(reply);
    }

    /// An answer for each command. On a kept connection that turns out to be dead, what is not answered is asked once
    /// more on a new one.
    std::vector<Result<RedisReply>> ask_all(std::vector<RedisCommand> const& commands) {
        std::vector<Result<RedisReply>> replies;
        replies.reserve(commands.size());
        for (int attempt = 0; attempt < 2 && replies.size() < commands.size(); ++attempt) {
            auto connection = attempt == 0 ? borrow() : connect();
            if (!connection) return fill(std::move(replies), commands.size(), connection.error());
            auto const rest = std::span(commands).subspan(replies.size());
            auto failure = ask_on(**connection, rest, replies);
            if (failure) {
                give_back(std::move(*connection));
                continue;
            }
            forget_idle();  // what ended this connection has ended the others
            if (attempt == 1) {
                return fill(std::move(replies), commands.size(), lost(failure.error()));
            }
        }
        return replies;
    }

    static Result<void> ask_on(RedisConnection& connection, std::span<RedisCommand const> commands,
                               std::vector<Result<RedisReply>>& replies) {
        while (!commands.empty()) {
            auto const now = commands.first(std::min(commands.size(), kCommandsAtOnce));
            auto const deadline = redis_answer_deadline();
            if (auto sent = connection.write(now, deadline); !sent) return sent.error();
            for (std::size_t at = 0; at < now.size(); ++at) {
                auto reply = connection.read(deadline, {});
                if (!reply) return reply.error();
                replies.emplace_back(std::move(*reply));
            }
            commands = commands.subspan(now.size());
        }
        return {};
    }

    static std::vector<Result<RedisReply>> fill(std::vector<Result<RedisReply>> replies, std::size_t count,
                                                Error const& error) {
        while (replies.size() < count) replies.emplace_back(error);
        return replies;
    }

    static Error lost(Error const& error) {
        return error.code == Errc::unknown ? error : queue_unavailable("Redis: " + error.message);
    }

    Result<std::unique_ptr<RedisConnection>> connect() {
        auto connection = RedisConnection::open(settings_);
        if (!connection) return connection.error();
        auto made = (*connection)->ask({"XGROUP", "CREATE", stream_, "nexpo", "0", "MKSTREAM"});
        if (!made) return lost(made.error());
        if (made->kind == Kind::error && !made->text.starts_with("BUSYGROUP")) return redis_error(*made);
        return connection;
    }

    Result<std::unique_ptr<RedisConnection>> borrow() {
        {
            std::scoped_lock const lock(mutex_);
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return connection;
            }
        }
        return connect();
    }

    void give_back(std::unique_ptr<RedisConnection> connection) {
        std::scoped_lock const lock(mutex_);
        if (idle_.size() < kMaxIdleConnections) idle_.push_back(std::move(connection));
    }

    void forget_idle() {
        std::scoped_lock const lock(mutex_);
        idle_.clear();
    }

    std::string look_from() {
        std::scoped_lock const lock(mutex_);
        return look_from_;
    }

    void look_from(std::string id) {
        std::scoped_lock const lock(mutex_);
        look_from_ = std::move(id);
    }

    QueueSettings const settings_;
    std::string const stream_;
    std::string const delayed_;
    std::string const dead_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<RedisConnection>> idle_;
    std::string look_from_ = "0-0";  ///< XAUTOCLAIM looks at a part of the leases at a time.
};

}  // namespace

Result<std::shared_ptr<Queue>> open_redis_queue(QueueSettings settings) {
    if (settings.host.empty()) return queue_url_invalid("it names no host");
    if (!settings.others.empty())
        return queue_url_invalid("Redis knows the parameters queue, lease, deliveries and ca");
    auto const number = receipt_number(settings.path);
    if (!settings.path.empty() && (number < 0 || number > 65'535)) {
        return queue_url_invalid("the path of a Redis URL is the number of a database");
    }
    return std::shared_ptr<Queue>(std::make_shared<RedisQueue>(std::move(settings)));
}

}  // namespace nexpo::drivers
