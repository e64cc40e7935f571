// SPDX-License-Identifier: Apache-2.0
// NATS JetStream: https://docs.nats.io/reference/reference-protocols/nats_api_reference
#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/base64.hpp"
#include "drivers/queue/drivers.hpp"
#include "drivers/queue/nats_connection.hpp"
#include "drivers/queue/queue_errors.hpp"
#include "drivers/queue/queue_leases.hpp"
#include "drivers/queue/queue_limits.hpp"
#include "nexpo/json.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::size_t kSendsAtOnce = 100;
constexpr std::int64_t kStreamNameInUse = 10058;
constexpr std::int64_t kNoMessageFound = 10037;
/// A server of the same time of day may be a little ahead of us.
constexpr std::chrono::milliseconds kNearlyDue{50};

std::int64_t nanoseconds(std::chrono::nanoseconds time) {
    return time.count();
}

std::int64_t error_number(Json const& answer) {
    auto const* error = answer.find("error");
    if (error == nullptr) return 0;
    auto const* number = error->find("err_code");
    return number != nullptr && number->if_integer() != nullptr ? *number->if_integer() : -1;
}

Error refused_with(std::int64_t number) {
    return queue_unavailable("JetStream: error " + std::to_string(number));
}

class NatsQueue final : public Queue, public QueueDeadLetters {
 public:
    explicit NatsQueue(QueueSettings settings)
        : settings_(std::move(settings)),
          stream_("nexpo_" + settings_.queue),
          subject_("nexpo." + settings_.queue + ".jobs"),
          dead_stream_(stream_ + "_dead"),
          dead_subject_("nexpo." + settings_.queue + ".dead"),
          leases_(settings_.clock, settings_.lease) {}

    QueueLimits limits() const noexcept override { return broker_limits(settings_.lease); }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        std::span<std::size_t const> open = sending.open();
        while (!open.empty()) {
            auto const now = open.first(std::min(open.size(), kSendsAtOnce));
            send_some(messages, now, sending);
            open = open.subspan(now.size());
        }
        return sending.take();
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(wait, {}, std::chrono::days(1));
        most = std::clamp<std::size_t>(most, 1, kMaxQueueReceive);
        std::vector<QueueDelivery> deliveries;
        if (stop.stop_requested()) return deliveries;
        auto connection = connect();
        if (!connection) return connection.error();
        auto inbox = (*connection)->inbox();
        if (!inbox) return inbox.error();
        std::stop_callback const on_stop(stop, [&inbox] { (*inbox)->close(); });
        leases_.take_ended([](Nothing const&) {});
        int pulls = 0;
        for (;;) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            // What is there is taken at once; then the first one to come is waited for.
            bool const waits = pulls % 2 == 1;
            auto pulled = pull(**connection, **inbox, ++pulls, most, waits ? left : std::chrono::milliseconds(0));
            if (!pulled) {
                if (stop.stop_requested()) return deliveries;
                forget(*connection);
                return pulled.error();
            }
            for (auto& message : *pulled) take(**connection, message, deliveries);
            if (!deliveries.empty() || stop.stop_requested()) return deliveries;
            if (std::chrono::steady_clock::now() >= end) return deliveries;
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results;
        results.reserve(deliveries.size());
        bool away = false;
        for (auto const& delivery : deliveries) {
            // One time limit for all of them: the others would only wait for the same.
            results.push_back(away ? results.back() : tell(delivery, "+ACK", true));
            away = !results.back() && results.back().error().code == Errc::unavailable;
        }
        return results;
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds) override {
        if (auto told = tell(delivery, "+WPI", false); !told) return told.error();
        if (!leases_.renew(delivery.receipt)) return delivery_lost();
        return settings_.lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits.error();
        return tell(delivery, not_now(delay), true);
    }

    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        auto connection = connect();
        if (!connection) return connection.error();
        std::vector<QueueDeadLetter> letters;
        std::int64_t sequence = 1;
        while (letters.size() < std::clamp<std::size_t>(most, 1, kMaxQueueReceive)) {
            auto answer = ask(**connection, "STREAM.MSG.GET." + dead_stream_,
                              Json::Object{{"seq", sequence}, {"next_by_subj", dead_subject_}});
            if (!answer) return answer.error();
            auto const number = error_number(*answer);
            if (number == kNoMessageFound) break;
            if (number != 0) return refused_with(number);
            auto const* message = answer->find("message");
            auto const* at = message != nullptr ? message->find("seq") : nullptr;
            auto const* data = message != nullptr ? message->find("data") : nullptr;
            if (at == nullptr || at->if_integer() == nullptr || data == nullptr || data->if_string() == nullptr) break;
            sequence = *at->if_integer() + 1;
            letters.push_back({.body = base::base64_decode(*data->if_string()).value_or(std::string()),
                               .deliveries = settings_.max_deliveries});
        }
        return letters;
    }

 private:
    struct Nothing {};

    static std::string not_now(std::chrono::nanoseconds delay) {
        return "-NAK {\"delay\": " + std::to_string(nanoseconds(delay)) + "}";
    }

    void send_some(std::span<QueueMessage const> messages, std::span<std::size_t const> now, QueueSending& sending) {
        auto const fail = [&](Error const& error) {
            for (auto const at : now) sending.answer(at, error);
        };
        auto connection = connect();
        if (!connection) return fail(connection.error());
        auto inbox = (*connection)->inbox();
        if (!inbox) return fail(inbox.error());
        fail(queue_unavailable("NATS: the message was not confirmed"));
        std::size_t published = 0;
        for (auto const at : now) {
            NatsMessage message{.subject = subject_,
                                .reply = (*inbox)->subject() + "." + std::to_string(at),
                                .data = messages[at].body};
            if (auto const delay = messages[at].delay.count(); delay > 0) {
                message.headers.emplace_back("Nexpo-Delay", std::to_string(delay));
            }
            if (auto sent = (*connection)->publish(message); !sent) {
                sending.answer(at, sent.error());
            } else {
                ++published;
            }
        }
        auto const end = std::chrono::steady_clock::now() + kNatsAnswerTime;
        while (published > 0) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            auto answer = (*inbox)->next(std::max(left, std::chrono::milliseconds(1)));
            if (!answer) return forget(*connection);  // NATS_NO_RESPONDERS where there is no stream
            if (!*answer) return;
            --published;
            auto const at =
                static_cast<std::size_t>(receipt_number((*answer)->subject.substr((*answer)->subject.rfind('.') + 1)));
            if (at >= messages.size()) continue;
            sending.answer(at, confirmed(**answer));
        }
    }

    /// https://docs.nats.io/reference/reference-protocols/nats_api_reference, "PubAck".
    static Result<void> confirmed(NatsMessage const& answer) {
        if (answer.header("Status") == "503") return queue_unavailable("NATS: there is no stream");
        auto json = Json::parse(answer.data);
        if (!json) return queue_answer_invalid("NATS: the confirmation is not JSON");
        if (auto const number = error_number(*json); number != 0) return refused_with(number);
        return {};
    }

    /// Asks for up to `most` messages that are there, or with a wait for the first that comes.
    Result<std::vector<NatsMessage>> pull(NatsConnection& connection, NatsInbox& inbox, int number, std::size_t most,
                                          std::chrono::milliseconds wait) {
        std::vector<NatsMessage> messages;
        bool const waits = wait.count() > 0;
        auto const count = waits ? std::size_t{1} : most;
        Json::Object request{{"batch", static_cast<std::int64_t>(count)}};
        if (waits) {
            request.emplace_back("expires", nanoseconds(wait));
        } else {
            request.emplace_back("no_wait", true);
        }
        auto const reply = inbox.subject() + "." + std::to_string(number);
        auto asked = connection.publish({.subject = "$JS.API.CONSUMER.MSG.NEXT." + stream_ + ".nexpo",
                                         .reply = reply,
                                         .data = Json(std::move(request)).dump()});
        if (!asked) return asked.error();
        while (messages.size() < count) {
            auto next = inbox.next(wait + kNatsAnswerTime);
            if (!next) return next.error();
            if (!*next) {
                if (!messages.empty()) return messages;
                // JetStream answers a request that it cannot meet, unless the consumer is gone.
                return queue_unavailable("NATS: there is no consumer");
            }
            auto& message = **next;
            if (auto const status = message.header("Status"); !status.empty()) {
                if (message.subject != reply) continue;  // the end of an earlier one
                if (status == "503") return queue_unavailable("NATS: there is no consumer");
                return messages;  // 404: nothing is there; 408: the time is over; 409: somebody removed the consumer
            }
            messages.push_back(std::move(message));
        }
        return messages;
    }

    /// Makes a delivery of a message, unless it is not due, dead, or none of ours.
    void take(NatsConnection& connection, NatsMessage& message, std::vector<QueueDelivery>& deliveries) {
        auto const origin = message.origin();
        if (!origin) return;
        auto number = origin->deliveries;
        auto const delay =
            std::chrono::seconds(std::max<std::int64_t>(0, receipt_number(message.header("Nexpo-Delay"))));
        if (delay.count() > 0) {
            // The first delivery only asked for the delay. Twice at most: our clock may be wrong.
            auto const left = origin->stored + delay - settings_.clock->now();
            if (number <= 2 && left > (number == 1 ? std::chrono::milliseconds(0) : kNearlyDue)) {
                answer(connection, message.reply, not_now(std::min<std::chrono::microseconds>(left, delay)));
                return;
            }
            number = std::max<std::int64_t>(1, number - 1);
        }
        if (message.data.size() > kMaxQueueBody) {
            answer(connection, message.reply, "+TERM");
            return;
        }
        if (number > settings_.max_deliveries) {
            bury(connection, message);
            return;
        }
        leases_.add(message.reply, {});
        deliveries.push_back(
            {.body = std::move(message.data), .receipt = std::move(message.reply), .deliveries = number});
    }

    /// Keeps a copy among the dead, once however often it is tried, and ends the message when that is confirmed.
    void bury(NatsConnection& connection, NatsMessage const& message) {
        auto confirmation = connection.request(dead_subject_, message.data);
        if (confirmation && confirmed(*confirmation)) answer(connection, message.reply, "+TERM");
    }

    /// Says something about a message without an answer. When it is lost, the message comes again, and it is said
    /// again.
    static void answer(NatsConnection& connection, std::string const& receipt, std::string what) {
        static_cast<void>(connection.publish({.subject = receipt, .data = std::move(what)}));
    }

    /// Says something about a held delivery and waits until the server has heard it.
    Result<void> tell(QueueDelivery const& delivery, std::string const& what, bool ends) {
        if (!leases_.find(delivery.receipt)) return delivery_lost();
        auto connection = connect();
        if (!connection) return connection.error();
        auto heard = (*connection)->request(delivery.receipt, what);
        if (!heard) return heard.error();
        if (heard->header("Status") == "503") return queue_unavailable("NATS: nobody hears of deliveries");
        if (ends) leases_.forget(delivery.receipt);
        return {};
    }

    static Result<Json> ask(NatsConnection& connection, std::string const& what, Json::Object request) {
        auto answer = connection.request("$JS.API." + what, Json(std::move(request)).dump());
        if (!answer) return answer.error();
        if (answer->header("Status") == "503") return queue_unavailable("NATS: the server has no JetStream");
        auto json = Json::parse(answer->data);
        if (!json) return queue_answer_invalid("NATS: the answer is not JSON");
        return json;
    }

    Result<void> make_stream(NatsConnection& connection, std::string const& name, std::string const& subject,
                             char const* retention, std::int64_t max_messages) {
        auto answer = ask(connection, "STREAM.CREATE." + name,
                          Json::Object{{"name", name},
                                       {"subjects", Json::Array{subject}},
                                       {"retention", retention},
                                       {"max_msgs", max_messages},
                                       {"max_msg_size", static_cast<std::int64_t>(kMaxQueueBody + 1024)},
                                       {"discard", "old"},
                                       {"storage", "file"}});
        if (!answer) return answer.error();
        auto const number = error_number(*answer);
        if (number != 0 && number != kStreamNameInUse) return refused_with(number);
        return {};
    }

    Result<void> set_up(NatsConnection& connection) {
        if (auto made = make_stream(connection, stream_, subject_, "workqueue", -1); !made) return made.error();
        if (auto made = make_stream(connection, dead_stream_, dead_subject_, "limits", 10'000); !made) {
            return made.error();
        }
        auto answer = ask(connection, "CONSUMER.DURABLE.CREATE." + stream_ + ".nexpo",
                          Json::Object{{"stream_name", stream_},
                                       {"config", Json::Object{{"durable_name", "nexpo"},
                                                               {"ack_policy", "explicit"},
                                                               {"ack_wait", nanoseconds(settings_.lease)},
                                                               {"max_deliver", -1},
                                                               {"max_ack_pending", -1},
                                                               {"deliver_policy", "all"},
                                                               {"replay_policy", "instant"}}}});
        if (!answer) return answer.error();
        if (auto const number = error_number(*answer); number != 0) return refused_with(number);
        return {};
    }

    /// The connection, made anew when it has ended. Whoever comes meanwhile waits for the same one.
    Result<std::shared_ptr<NatsConnection>> connect() {
        std::scoped_lock const lock(mutex_);
        if (connection_ && connection_->alive()) return connection_;
        connection_.reset();
        auto opened = NatsConnection::open(settings_);
        if (!opened) return opened.error();
        if (auto done = set_up(**opened); !done) return done.error();
        connection_ = std::move(*opened);
        return connection_;
    }

    /// The stream or its consumer may be gone: the next connection makes them anew.
    void forget(std::shared_ptr<NatsConnection> const& connection) {
        std::scoped_lock const lock(mutex_);
        if (connection_ == connection) connection_.reset();
    }

    QueueSettings const settings_;
    std::string const stream_;
    std::string const subject_;
    std::string const dead_stream_;
    std::string const dead_subject_;
    QueueLeases<Nothing> leases_;
    std::mutex mutex_;
    std::shared_ptr<NatsConnection> connection_;
};

}  // namespace

Result<std::shared_ptr<Queue>> open_nats_queue(QueueSettings settings) {
    if (settings.host.empty()) return queue_url_invalid("it names no host");
    if (!settings.others.empty()) return queue_url_invalid("NATS knows the parameters queue, lease, deliveries and ca");
    if (!settings.path.empty()) return queue_url_invalid("a NATS URL has no path; name the queue with '?queue='");
    return std::shared_ptr<Queue>(std::make_shared<NatsQueue>(std::move(settings)));
}

}  // namespace nexpo::drivers
