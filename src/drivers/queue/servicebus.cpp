// SPDX-License-Identifier: Apache-2.0
// Azure Service Bus over REST: https://learn.microsoft.com/rest/api/servicebus/service-bus-runtime-rest
//
// servicebus://[key name:key@]<namespace>.servicebus.windows.net/<queue>; the queue, how long it locks messages and
// after how many deliveries a message is dead are set up at Azure. Sessions cannot be received over REST.
#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "drivers/azure/azure_signature.hpp"
#include "drivers/azure/azure_tokens.hpp"
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

constexpr char const* kResource = "https://servicebus.azure.net";
/// Of a batch. The standard tier takes 256 KB (Service Bus quotas, "Message size"); whether the limit over HTTP is
/// another one on the premium tier we have not seen.
constexpr std::size_t kMaxBatchBytes = 200'000;
constexpr std::size_t kMaxBatch = 100;
constexpr std::chrono::seconds kMaxWait{60};
constexpr std::chrono::seconds kAnswerTime{10};
constexpr std::size_t kMaxLookedAt = 10;
constexpr char const* kEncoding = "nexpo-encoding";
constexpr char const* kDead = "/$deadletterqueue";

/// Names of entities, and the path to a subscription.
bool is_path(std::string const& text) {
    return !text.empty() && text.size() <= 400 && !text.starts_with('/') && !text.ends_with('/') &&
           text.find("..") == text.npos && std::ranges::all_of(text, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      std::string_view("-._/").find(c) != std::string_view::npos;
           });
}

/// What may stand in the JSON of a batch and comes back as it is.
bool is_plain(std::string const& body) {
    return base::valid_utf8(body) &&
           std::ranges::none_of(body, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// `lost` is what 404 and 410 mean for what was asked.
Error failure(net::HttpResponse const& response, Timestamp now, Error lost) {
    auto const what = "Service Bus: status " + std::to_string(response.status);
    if (response.status == 404 || response.status == 410) return lost;
    if (response.status == 401) return queue_refused(what);
    if (response.status == 429 || response.status == 503 || response.status == 403) {
        // 403: a quota is used up (Send Message, "Response codes").
        auto const* const after = net::find_header(response.headers, "Retry-After");
        return {.code = Errc::resource_exhausted,
                .reason = "queue_busy",
                .message = what,
                .retry_after = after != nullptr ? net::parse_retry_after(*after, now) : std::nullopt};
    }
    if (response.status >= 500) return queue_unavailable(what);
    return queue_answer_invalid(what);
}

Error entity_missing() {
    return queue_unavailable("Service Bus: there is no such queue");
}

class ServiceBusQueue final : public Queue, public QueueDeadLetters {
 public:
    ServiceBusQueue(QueueSettings settings, std::string base, std::shared_ptr<HttpSender> sender,
                    std::shared_ptr<Authorizations> authorizations)
        : settings_(std::move(settings)),
          base_(std::move(base)),
          target_("/" + settings_.path.substr(0, settings_.path.find("/subscriptions/"))),
          source_("/" + settings_.path),
          sender_(std::move(sender)),
          authorizations_(std::move(authorizations)),
          leases_(settings_.clock, settings_.lease) {}

    /// A message can be scheduled, but none that is given back can, so nothing is delayed here.
    QueueLimits limits() const noexcept override {
        return {.max_body_bytes = kMaxQueueBody, .max_receive = 1, .lease = settings_.lease};
    }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        QueueSending sending(limits(), messages);
        Json::Array entries;
        std::vector<std::size_t> sent;
        std::size_t bytes = 0;
        auto const flush = [&] {
            if (sent.empty()) return;
            auto const result = send_batch(std::exchange(entries, {}));
            for (auto const at : sent) sending.answer(at, result);
            sent.clear();
            bytes = 0;
        };
        for (auto const at : sending.open()) {
            auto const& body = messages[at].body;
            Json::Object entry;
            if (is_plain(body)) {
                entry.emplace_back("Body", body);
            } else {
                entry.emplace_back("Body", base::base64_encode(body));
                entry.emplace_back("UserProperties", Json::Object{{kEncoding, "base64"}});
            }
            auto const size = Json(entry).dump().size() + 1;
            if (sent.size() == kMaxBatch || bytes + size > kMaxBatchBytes) flush();
            entries.emplace_back(std::move(entry));
            sent.push_back(at);
            bytes += size;
        }
        flush();
        return sending.take();
    }

    /// Service Bus waits for whole seconds: the wait is rounded up to one.
    Result<std::vector<QueueDelivery>> receive(std::size_t, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        auto const end =
            std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(wait, {}, std::chrono::days(1));
        leases_.take_ended([](std::string const&) {});
        for (;;) {
            if (stop.stop_requested()) return std::vector<QueueDelivery>();
            auto const left = std::chrono::ceil<std::chrono::seconds>(end - std::chrono::steady_clock::now());
            auto locked = lock_one(source_, std::clamp(left, std::chrono::seconds(1), kMaxWait), stop);
            if (!locked) {
                if (locked.error().code == Errc::cancelled) return std::vector<QueueDelivery>();
                return locked.error();
            }
            if (*locked) {
                leases_.add((*locked)->receipt, (*locked)->receipt);
                return std::vector<QueueDelivery>{std::move(**locked)};
            }
            if (std::chrono::steady_clock::now() >= end) return std::vector<QueueDelivery>();
        }
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::vector<Result<void>> results;
        for (auto const& delivery : deliveries) results.push_back(end_lock(delivery, "DELETE"));
        return results;
    }

    /// A lock begins anew: as long as the queue's setting, which `lease` repeats.
    Result<std::chrono::seconds> extend(QueueDelivery& delivery, std::chrono::seconds) override {
        auto changed = on_lock(delivery, "POST");
        if (!changed) return changed.error();
        if (!leases_.renew(delivery.receipt)) return delivery_lost();
        return settings_.lease;
    }

    Result<void> release(QueueDelivery const& delivery, std::chrono::seconds delay) override {
        if (auto fits = check_delay(limits(), delay); !fits) return fits;
        return end_lock(delivery, "PUT");
    }

    /// Locks what is first in the dead-letter queue, one after the other, and then unlocks it.
    Result<std::vector<QueueDeadLetter>> dead_letters(std::size_t most) override {
        std::vector<QueueDeadLetter> letters;
        std::vector<std::string> locks;
        Result<void> looked;
        while (letters.size() < std::clamp<std::size_t>(most, 1, kMaxLookedAt)) {
            auto locked = lock_one(source_ + kDead, std::chrono::seconds(1), {});
            if (!locked) looked = locked.error();
            if (!locked || !*locked) break;
            locks.push_back(std::move((*locked)->receipt));
            letters.push_back({.body = std::move((*locked)->body)});
        }
        for (auto const& lock : locks) {
            // What stays locked is visible again when its lock ends.
            static_cast<void>(ask({.method = "PUT", .path = lock, .repeatable = true}));
        }
        if (!looked) return looked.error();
        return letters;
    }

 private:
    struct Question {
        char const* method;
        std::string path{};
        net::HttpHeaders headers{};
        std::string body{};
        std::chrono::milliseconds timeout = kAnswerTime;
        bool repeatable = false;
        std::stop_token stop{};
    };

    Result<void> send_batch(Json::Array entries) {
        auto answer = ask({.method = "POST",
                           .path = target_ + "/messages",
                           // Without a charset (Send Message Batch, "Request headers").
                           .headers = {{"Content-Type", "application/vnd.microsoft.servicebus.json"}},
                           .body = Json(std::move(entries)).dump(),
                           .repeatable = true});
        if (!answer) return answer.error();
        if (answer->status == 201) return {};
        return failure(*answer, settings_.clock->now(), entity_missing());
    }

    /// Nothing when nothing came in time. A lock whose answer we did not get ends by itself.
    Result<std::optional<QueueDelivery>> lock_one(std::string const& entity, std::chrono::seconds wait,
                                                  std::stop_token const& stop) {
        auto answer = ask({.method = "POST",
                           .path = entity + "/messages/head?timeout=" + std::to_string(wait.count()),
                           .timeout = wait + kAnswerTime,
                           .stop = stop});
        if (!answer) return answer.error();
        if (answer->status == 204) return std::optional<QueueDelivery>();
        if (answer->status != 201) return failure(*answer, settings_.clock->now(), entity_missing());
        auto const lock = lock_of(*answer, entity);
        if (!lock) return queue_answer_invalid("Service Bus: a message came without the place of its lock");
        QueueDelivery delivery{.body = std::move(answer->body), .receipt = *lock};
        auto const* const properties = net::find_header(answer->headers, "BrokerProperties");
        auto const broker = properties != nullptr ? Json::parse(*properties) : Result<Json>(Json());
        if (broker) delivery.deliveries = std::max<std::int64_t>(1, number_at(*broker, "DeliveryCount", 1));
        auto const* const encoding = net::find_header(answer->headers, kEncoding);
        if (encoding != nullptr && (*encoding == "\"base64\"" || *encoding == "base64")) {
            delivery.body = base::base64_decode(delivery.body).value_or(std::string());
        }
        return std::optional(std::move(delivery));
    }

    /// The path of the lock, out of a URL that must be within the entity that was asked.
    static std::optional<std::string> lock_of(net::HttpResponse const& response, std::string const& entity) {
        auto const* const location = net::find_header(response.headers, "Location");
        if (location == nullptr) return std::nullopt;
        auto const scheme = location->find("://");
        auto const start = scheme == location->npos ? location->npos : location->find('/', scheme + 3);
        if (start == location->npos) return std::nullopt;
        auto path = location->substr(start);
        auto const within = base::to_lower(entity + "/messages/");
        bool const fits = base::to_lower(path).starts_with(within) && path.size() > within.size() &&
                          path.find("..") == path.npos && path.find_first_of("?# ") == path.npos;
        return fits ? std::optional(std::move(path)) : std::nullopt;
    }

    Result<void> on_lock(QueueDelivery const& delivery, char const* method) {
        auto const path = leases_.find(delivery.receipt);
        if (!path) return delivery_lost();
        auto answer = ask({.method = method, .path = *path, .repeatable = true});
        if (!answer) return answer.error();
        if (answer->status == 200) return {};
        return failure(*answer, settings_.clock->now(), delivery_lost());
    }

    Result<void> end_lock(QueueDelivery const& delivery, char const* method) {
        auto ended = on_lock(delivery, method);
        if (ended) leases_.forget(delivery.receipt);
        return ended;
    }

    /// A token that is not taken is replaced once.
    Result<net::HttpResponse> ask(Question const& question) {
        for (int attempt = 0;; ++attempt) {
            auto const authorization = authorizations_->get();
            if (!authorization) {
                auto const& error = authorization.error();
                return error.code == Errc::unavailable ? queue_unavailable(error.message)
                                                       : queue_refused(error.message);
            }
            net::HttpRequest request{.method = question.method,
                                     .url = base_ + question.path,
                                     .headers = question.headers,
                                     .body = question.body,
                                     .source = net::UrlSource::configuration,
                                     .timeout = question.timeout,
                                     .repeatable = question.repeatable,
                                     .stop = question.stop};
            request.headers.push_back({"Authorization", std::string(authorization->reveal())});
            auto sent = sender_->send(std::move(request));
            if (!sent && sent.error().code != Errc::cancelled) {
                return queue_unavailable("Service Bus: " + sent.error().message);
            }
            if (!sent || sent->status != 401 || attempt > 0) return sent;
            authorizations_->refuse(*authorization);
        }
    }

    QueueSettings const settings_;
    std::string const base_;
    std::string const target_;  ///< The queue, or the topic of the subscription.
    std::string const source_;
    std::shared_ptr<HttpSender> const sender_;
    std::shared_ptr<Authorizations> const authorizations_;
    QueueLeases<std::string> leases_;
};

/// The identity that the parameters name.
Result<AzureIdentity> identity_of(QueueSettings const& settings, std::string const& scheme) {
    AzureIdentity identity{.resource = kResource};
    for (auto const& [name, value] : settings.others) {
        if (name == "tenant") {
            identity.tenant = value;
        } else if (name == "client") {
            identity.client = value;
        } else if (name == "secret") {
            identity.secret = Secret(value);
        } else if (name == "token_file") {
            identity.token_file = value;
        } else if (name == "authority") {
            identity.authority = scheme + value;
        } else if (name == "identity_endpoint") {
            identity.identity_endpoint = value;
        } else if (name == "identity_header") {
            identity.identity_header = Secret(value);
        } else if (name == "metadata") {
            identity.metadata = "http://" + value;
        } else {
            return queue_url_invalid(
                "Service Bus knows the parameters tenant, client, secret, token_file, authority, identity_endpoint, "
                "identity_header, metadata, lease and ca");
        }
    }
    bool const shows_something = !identity.secret.empty() || !identity.token_file.empty();
    if (identity.tenant.empty() == shows_something || (shows_something && identity.client.empty())) {
        return queue_url_invalid("Entra needs tenant, client, and secret or token_file");
    }
    if (identity.identity_endpoint.empty() != identity.identity_header.empty()) {
        return queue_url_invalid("identity_endpoint needs identity_header");
    }
    return identity;
}

}  // namespace

Result<std::shared_ptr<Queue>> open_servicebus_queue(QueueSettings settings) {
    if (settings.host.empty() || !is_path(settings.path)) {
        return queue_url_invalid("a Service Bus URL is servicebus://namespace.servicebus.windows.net/queue");
    }
    std::string const scheme = settings.scheme == "servicebus" ? "https://" : "http://";
    auto identity = identity_of(settings, scheme);
    if (!identity) return identity.error();
    if (settings.user.empty() != settings.password.empty()) {
        return queue_url_invalid("a shared access key needs its name and itself: servicebus://name:key@…");
    }
    auto const host = settings.host + (settings.port == 0 ? "" : ":" + std::to_string(settings.port));
    auto const target = settings.path.substr(0, settings.path.find("/subscriptions/"));
    auto const sender = std::make_shared<HttpSender>(
        HttpSender::Options{.client = settings.http, .ca_file = settings.ca_file, .clock = settings.clock});
    auto authorizations = settings.user.empty()
                              ? azure_tokens(std::move(*identity), sender, settings.clock)
                              : azure_signatures(scheme + host + "/" + target,
                                                 {.name = settings.user, .key = settings.password}, settings.clock);
    return std::shared_ptr<Queue>(
        std::make_shared<ServiceBusQueue>(std::move(settings), scheme + host, sender, std::move(authorizations)));
}

}  // namespace nexpo::drivers
