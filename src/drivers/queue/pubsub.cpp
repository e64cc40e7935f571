// SPDX-License-Identifier: Apache-2.0
// Google Cloud Pub/Sub over REST: https://cloud.google.com/pubsub/docs/reference/rest
//
// pubsub://[endpoint]/<project>/<subscription>?topic=<topic>; topic, subscription, its dead-letter topic and after how
// many deliveries a message goes there are set up at Google.
#include <algorithm>
#include <map>
#include <utility>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/digest.hpp"
#include "drivers/google/google_tokens.hpp"
#include "drivers/http/form.hpp"
#include "drivers/http/http_sender.hpp"
#include "drivers/http/json_fields.hpp"
#include "drivers/queue/drivers.hpp"
#include "drivers/queue/queue_errors.hpp"
#include "drivers/queue/queue_leases.hpp"
#include "drivers/queue/queue_limits.hpp"
#include "net/http_date.hpp"

namespace nexpo::drivers {

namespace {

constexpr char const* kEndpoint = "pubsub.googleapis.com";
constexpr char const* kScope = "https://www.googleapis.com/auth/pubsub";
// Quotas and limits, "Resource limits": 1,000 messages and 10 MB for each publish request, 512 KiB for
// acknowledgements.
constexpr std::size_t kMaxPublished = 1'000;
constexpr std::size_t kMaxPublishedBytes = 9'000'000;
constexpr std::size_t kMaxAckBytes = 500'000;
/// As many of the longest bodies as are received at a time, in base64 and with what is said about them.
constexpr std::size_t kMaxAnswerBytes = 16U << 20;
/// Of a deadline that is modified (projects.subscriptions.modifyAckDeadline, "ackDeadlineSeconds").
constexpr std::chrono::seconds kMaxLease{600};
constexpr std::chrono::seconds kAnswerTime{10};
/// A pull waits at the server, for a time that only the server knows. One that we end may have got messages, which then
/// are held from everybody until their deadline: so none is ended earlier than this.
constexpr std::chrono::seconds kShortestPull{2};
constexpr std::chrono::seconds kLongestPull{90};

/// Names of projects, topics and subscriptions (Pub/Sub, "Guidelines to name a resource"); old projects have a colon.
bool is_name(std::string const& text) {
    return !text.empty() && text.size() <= 255 && text != "." && text != ".." && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~+:").find(c) != std::string_view::npos;
    });
}

struct Names {
    std::string topic{};
    std::string subscription{};
    std::string dead{};  ///< A subscription of the dead-letter topic; empty: not known.
};

/// What a request came to: a status and what was said.
struct Answer {
    int status = 0;
    Json body{};
    std::optional<std::chrono::milliseconds> retry_after{};
};

/// The error for an answer that is no success. Its status word holds nothing of ours; its message may.
Error failure(Answer const& answer) {
    auto const* const said = answer.body.find("error");
    auto word = said != nullptr ? text_at(*said, "status") : std::string();
    if (word.size() > 64 || !std::ranges::all_of(word, [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); })) {
        word.clear();
    }
    auto const what = "Pub/Sub: status " + std::to_string(answer.status) + (word.empty() ? "" : " " + word);
    if (answer.status == 429) {
        return {.code = Errc::resource_exhausted,
                .reason = "queue_busy",
                .message = what,
                .retry_after = answer.retry_after};
    }
    if (answer.status == 401 || answer.status == 403) return queue_refused(what);
    if (answer.status >= 500 || answer.status == 404) {
        auto error = queue_unavailable(what);
        error.retry_after = answer.retry_after;
        return error;
    }
    return queue_answer_invalid(what);
}

/// What became of single acknowledgements of a subscription with exactly-once delivery: `PERMANENT_FAILURE_…` or
/// `TRANSIENT_FAILURE_…` by `ackId` (Pub/Sub, "Exactly-once delivery", `google.rpc.ErrorInfo`).
std::map<std::string, std::string> failed_acks(Json const& body) {
    std::map<std::string, std::string> failed;
    auto const* const error = body.find("error");
    if (error == nullptr) return failed;
    for (auto const& detail : array_at(*error, "details")) {
        auto const* const metadata = detail.find("metadata");
        if (metadata == nullptr || metadata->if_object() == nullptr) continue;
        for (auto const& [id, what] : *metadata->if_object()) {
            if (auto const* text = what.if_string(); text != nullptr) failed.emplace(id, *text);
        }
    }
    return failed;
}

class PubsubQueue final : public Queue, public QueueDeadLetters {
 public:
    PubsubQueue(QueueSettings settings, Names names, std::string base, bool ordered, std::shared_ptr<HttpSender> sender,
                std::shared_ptr<Authorizations> tokens)
        : settings_(std::move(settings)),
          names_(std::move(names)),
          base_(std::move(base)),
          ordered_(ordered),
          lease_(std::min(settings_.lease, kMaxLease)),
          sender_(std::move(sender)),
          tokens_(std::move(tokens)),
          leases_(settings_.clock, lease_) {}

    /// Messages cannot be delayed.
    QueueLimits limits() const noexcept override {
        return {.max_body_bytes = kMaxQueueBody,
                .max_receive = kMaxQueueReceive,
                .lease = lease_,
                .chooses_extension = true,
                .groups = ordered_};
    }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        Json::Array entries;
        std::vector<std::size_t> sent;
        std::size_t bytes = 0;
        auto const flush = [&] {
            if (sent.empty()) return;
            auto const published = publish(std::exchange(entries, {}));
            for (auto const at : sent) sending.answer(at, published);
            sent.clear();
            bytes = 0;
        };
        for (auto const at : sending.open()) {
            auto data = base::base64_encode(messages[at].body);
            auto const size = data.size() + 200;
            if (sent.size() == kMaxPublished || bytes + size > kMaxPublishedBytes) flush();
            Json::Object entry{{"data", std::move(data)}};
            if (!messages[at].group.empty()) {
                // Of any text, in the length that Pub/Sub takes.
                entry.emplace_back("orderingKey", base::hex_encode(crypto::sha256(messages[at].group)));
            }
            entries.emplace_back(std::move(entry));
            sent.push_back(at);
            bytes += size;
        }
        flush();
        return sending.take();
    }

    /// Waits for at least two seconds where nothing comes.
    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(wait, {}, std::chrono::days(1));
        leases_.take_ended([](Nothing const&) {});
        for (;;) {
            if (stop.stop_requested()) return std::vector<QueueDelivery>();
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            auto const now = std::clamp<std::chrono::milliseconds>(left, kShortestPull, kLongestPull);
            auto pulled = pull(names_.subscription, std::clamp<std::size_t>(most, 1, kMaxQueueReceive), now, stop);
            if (pulled && !pulled->empty()) pulled = hold(std::move(*pulled));
            if (!pulled) {
                if (pulled.error().code == Errc::cancelled) return std::vector<QueueDelivery>();
                return pulled;
            }
            if (!pulled->empty() || std::chrono::steady_clock::now() >= end) return pulled;
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results(deliveries.size(), delivery_lost());
        std::vector<std::size_t> held;
        for (std::size_t at = 0; at < deliveries.size(); ++at) {
            if (leases_.find(deliveries[at].receipt)) held.push_back(at);
        }
        std::vector<std::string> ids;
        ids.reserve(held.size());
        for (auto const at : held) ids.push_back(deliveries[at].receipt);
        auto const done = with_ids("acknowledge", ids, {});
        for (std::size_t at = 0; at < held.size(); ++at) {
            results[held[at]] = done[at];
            if (done[at]) leases_.forget(ids[at]);
        }
        return results;
    }

    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds lease) override {
        lease = std::clamp(lease, std::chrono::seconds(1), kMaxLease);
        if (!leases_.find(delivery.receipt)) return delivery_lost();
        auto changed = with_ids("modifyAckDeadline", {delivery.receipt}, lease);
        if (!changed.front()) return changed.front().error();
        if (!leases_.renew(delivery.receipt, lease)) return delivery_lost();
        return lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits;
        if (!leases_.find(delivery.receipt)) return delivery_lost();
        auto changed = with_ids("modifyAckDeadline", {delivery.receipt}, std::chrono::seconds(0));
        if (changed.front()) leases_.forget(delivery.receipt);
        return changed.front();
    }

    /// A look at what a subscription of the dead-letter topic gives first; what is looked at is given back at once.
    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        std::vector<QueueDeadLetter> letters;
        if (names_.dead.empty()) return letters;
        auto pulled = pull(names_.dead, std::clamp<std::size_t>(most, 1, kMaxQueueReceive), kShortestPull, {});
        if (!pulled) return pulled.error();
        std::vector<std::string> ids;
        for (auto& delivery : *pulled) {
            ids.push_back(std::move(delivery.receipt));
            letters.push_back({.body = std::move(delivery.body)});
        }
        // What cannot be given back is visible again after its deadline.
        static_cast<void>(with_ids("modifyAckDeadline", ids, std::chrono::seconds(0), names_.dead));
        return letters;
    }

 private:
    struct Nothing {};

    Result<void> publish(Json::Array messages) {
        auto const count = messages.size();
        auto answer = call("topics/" + names_.topic + ":publish", {{"messages", std::move(messages)}}, kAnswerTime, {});
        if (!answer) return answer.error();
        if (answer->status != 200) return failure(*answer);
        if (array_at(answer->body, "messageIds").size() == count) return {};
        return queue_answer_invalid("Pub/Sub: a message was not answered");
    }

    Result<std::vector<QueueDelivery>> pull(std::string const& subscription, std::size_t most,
                                            std::chrono::milliseconds time, std::stop_token const& stop) {
        std::vector<QueueDelivery> deliveries;
        auto answer = call("subscriptions/" + subscription + ":pull",
                           {{"maxMessages", static_cast<std::int64_t>(most)}}, time, stop);
        if (!answer) {
            if (answer.error().code == Errc::deadline_exceeded) return deliveries;
            return answer.error();
        }
        // The server's wait was over.
        if (answer->status == 504) return deliveries;
        if (answer->status != 200) return failure(*answer);
        for (auto const& received : array_at(answer->body, "receivedMessages")) {
            auto const* const message = received.find("message");
            if (message == nullptr) continue;
            QueueDelivery delivery{.body = base::base64_decode(text_at(*message, "data")).value_or(std::string()),
                                   .receipt = text_at(received, "ackId"),
                                   // Counted only for a subscription with a dead-letter topic.
                                   .deliveries = std::max<std::int64_t>(1, number_at(received, "deliveryAttempt", 1))};
            // What is not of ours stays until its subscription finds it dead.
            if (delivery.body.empty() || delivery.body.size() > kMaxQueueBody || delivery.receipt.empty()) continue;
            deliveries.push_back(std::move(delivery));
        }
        return deliveries;
    }

    /// The deadline of the subscription becomes ours.
    Result<std::vector<QueueDelivery>> hold(std::vector<QueueDelivery> deliveries) {
        std::vector<std::string> ids;
        ids.reserve(deliveries.size());
        for (auto const& delivery : deliveries) ids.push_back(delivery.receipt);
        auto const held = with_ids("modifyAckDeadline", ids, lease_);
        std::vector<QueueDelivery> ours;
        for (std::size_t at = 0; at < deliveries.size(); ++at) {
            if (held[at]) {
                leases_.add(deliveries[at].receipt, {});
                ours.push_back(std::move(deliveries[at]));
            } else if (held[at].error().reason != "delivery_lost") {
                return held[at].error();  // all of them come again
            }
        }
        return ours;
    }

    /// An answer for each id. Where some have failed, those of which nothing is said are sent once more.
    std::vector<Result<void>> with_ids(std::string const& method, std::vector<std::string> const& ids,
                                       std::optional<std::chrono::seconds> deadline,
                                       std::string const& subscription = {}) {
        std::vector<Result<void>> results(ids.size());
        auto const path = "subscriptions/" + (subscription.empty() ? names_.subscription : subscription) + ":" + method;
        std::vector<std::size_t> open(ids.size());
        for (std::size_t at = 0; at < open.size(); ++at) open[at] = at;
        for (bool again = false; !open.empty(); again = true) {
            std::vector<std::size_t> unanswered;
            for (std::span<std::size_t const> rest(open); !rest.empty();) {
                Json::Object body;
                auto const now = rest.first(take_ids(ids, rest, body));
                rest = rest.subspan(now.size());
                if (deadline) body.emplace_back("ackDeadlineSeconds", deadline->count());
                auto const answer = call(path, std::move(body), kAnswerTime, {});
                auto const failed =
                    answer && answer->status != 200 ? failed_acks(answer->body) : std::map<std::string, std::string>();
                for (auto const at : now) {
                    auto const found = failed.find(ids[at]);
                    if (found != failed.end()) {
                        results[at] = found->second.starts_with("PERMANENT_")
                                          ? delivery_lost()
                                          : queue_unavailable("Pub/Sub: an acknowledgement failed for now");
                    } else if (!failed.empty() && !again) {
                        unanswered.push_back(at);
                    } else if (!answer) {
                        results[at] = answer.error();
                    } else {
                        results[at] = answer->status == 200 ? Result<void>() : failure(*answer);
                    }
                }
            }
            open = std::move(unanswered);
        }
        return results;
    }

    /// As many of them as fit into one request.
    static std::size_t take_ids(std::vector<std::string> const& ids, std::span<std::size_t const> from,
                                Json::Object& body) {
        Json::Array taken;
        std::size_t bytes = 0;
        for (auto const at : from) {
            bytes += ids[at].size() + 4;
            if (!taken.empty() && bytes > kMaxAckBytes) break;
            taken.emplace_back(ids[at]);
        }
        auto const count = taken.size();
        body.emplace_back("ackIds", std::move(taken));
        return count;
    }

    /// A token that is not taken is replaced once.
    Result<Answer> call(std::string const& path, Json::Object input, std::chrono::milliseconds timeout,
                        std::stop_token const& stop) {
        auto const body = Json(std::move(input)).dump();
        for (int attempt = 0;; ++attempt) {
            Secret token;
            if (tokens_) {
                auto got = tokens_->get();
                if (!got) return not_authorized(got.error());
                token = std::move(*got);
            }
            net::HttpRequest request{.method = "POST",
                                     .url = base_ + path,
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = body,
                                     .source = net::UrlSource::configuration,
                                     .timeout = timeout,
                                     .max_response_bytes = kMaxAnswerBytes,
                                     .repeatable = !path.ends_with(":pull"),
                                     .stop = stop};
            if (!token.empty()) request.headers.push_back({"Authorization", std::string(token.reveal())});
            auto sent = sender_->send(std::move(request));
            if (!sent) {
                bool const ours = sent.error().code == Errc::cancelled ||
                                  (sent.error().code == Errc::deadline_exceeded && path.ends_with(":pull"));
                return ours ? sent.error() : queue_unavailable("Pub/Sub: " + sent.error().message);
            }
            if (sent->status == 401 && tokens_ && attempt == 0) {
                tokens_->refuse(token);
                continue;
            }
            return read(*sent);
        }
    }

    Result<Answer> read(net::HttpResponse const& response) const {
        Answer answer{.status = response.status};
        if (auto const* after = net::find_header(response.headers, "Retry-After"); after != nullptr) {
            answer.retry_after = net::parse_retry_after(*after, settings_.clock->now());
        }
        auto json = Json::parse(response.body);
        if (json) {
            answer.body = std::move(*json);
        } else if (response.status == 200) {
            return queue_answer_invalid("Pub/Sub: the answer is not JSON");
        }
        return answer;
    }

    static Error not_authorized(Error const& error) {
        return error.code == Errc::unavailable ? queue_unavailable(error.message) : queue_refused(error.message);
    }

    QueueSettings const settings_;
    Names const names_;
    std::string const base_;
    bool const ordered_;
    std::chrono::seconds const lease_;
    std::shared_ptr<HttpSender> const sender_;
    std::shared_ptr<Authorizations> const tokens_;  ///< Null for an emulator.
    QueueLeases<Nothing> leases_;
};

}  // namespace

Result<std::shared_ptr<Queue>> open_pubsub_queue(QueueSettings settings) {
    auto const slash = settings.path.find('/');
    auto const project = settings.path.substr(0, slash);
    Names names{.subscription = slash == settings.path.npos ? "" : settings.path.substr(slash + 1)};
    GoogleIdentity identity{.scope = kScope};
    bool ordered = false;
    bool authorized = settings.scheme == "pubsub";
    for (auto const& [name, value] : settings.others) {
        if (name == "topic") {
            names.topic = value;
        } else if (name == "dead") {
            names.dead = value;
        } else if (name == "credentials") {
            identity.key_file = value;
            authorized = true;
        } else if (name == "metadata") {
            identity.metadata_host = value;
            authorized = true;
        } else if (name == "ordered" && (value == "true" || value == "false")) {
            ordered = value == "true";
        } else {
            return queue_url_invalid(
                "Pub/Sub knows the parameters topic, dead, ordered (true, false), credentials, metadata, lease and ca");
        }
    }
    if (names.topic.empty()) names.topic = names.subscription;
    bool const named = is_name(project) && is_name(names.topic) && is_name(names.subscription) &&
                       (names.dead.empty() || is_name(names.dead)) && settings.user.empty();
    if (!named) return queue_url_invalid("a Pub/Sub URL is pubsub://[endpoint]/project/subscription?topic=name");
    auto const host = settings.host.empty() ? kEndpoint : settings.host;
    auto const base = std::string(settings.scheme == "pubsub" ? "https://" : "http://") + host +
                      (settings.port == 0 ? "" : ":" + std::to_string(settings.port)) + "/v1/projects/" +
                      percent_encoded(project, ":+") + "/";
    auto const sender = std::make_shared<HttpSender>(
        HttpSender::Options{.client = settings.http, .ca_file = settings.ca_file, .clock = settings.clock});
    auto tokens = authorized ? google_tokens(std::move(identity), sender, settings.clock) : nullptr;
    return std::shared_ptr<Queue>(
        std::make_shared<PubsubQueue>(std::move(settings), std::move(names), base, ordered, sender, std::move(tokens)));
}

}  // namespace nexpo::drivers
