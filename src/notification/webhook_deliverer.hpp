// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/sealer.hpp"
#include "net/http_client.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"
#include "notification/webhook_delivery.hpp"
#include "notification/webhook_follower.hpp"
#include "notification/webhook_secret.hpp"
#include "notification/webhook_store.hpp"

namespace nexpo::notification {

/// What deliveries are made with. The reference outlives them.
struct DelivererParts {
    crypto::Sealer sealer;
    std::shared_ptr<Clock> clock;
    net::HttpClientOptions http;
    std::chrono::seconds timeout;
    WebhookFollower& follower;
};

/// Delivers events to webhooks: one attempt at a time, which holds no thread while it waits for the answer.
/// Thread-safe.
class WebhookDeliverer {
 public:
    using Done = std::function<void(AnyReply)>;

    explicit WebhookDeliverer(DelivererParts parts) : parts_(std::move(parts)) {}

    /// The kind of job that calls `begin`.
    AnyJob job();
    /// Begins an attempt; `done` is called once, when it is over.
    void begin(JobRun& run, DeliverWebhook const& input, Done done);
    /// Ends the connections. What is under way was asked to stop before.
    void close();

 private:
    struct Signers {
        Bytes secret{};
        std::optional<Bytes> old_secret{};
        std::vector<WebhookSigner> signers{};  ///< Of the key now, and of the one before.
    };
    using SignersPointer = std::shared_ptr<Signers const>;
    struct Prepared {
        Webhook webhook{};
        net::HttpRequest request{};
    };

    Result<Prepared> prepare(JobRun& run, DeliverWebhook const& input);
    Result<SignersPointer> signers_of(StoredWebhook const& stored);
    Result<SignersPointer> open_signers(StoredWebhook const& stored) const;
    Result<std::shared_ptr<net::HttpClient>> client();
    AnyReply conclude(JobRun& run, Webhook const& webhook, Result<net::HttpResponse> const& outcome) const;
    AnyReply succeeded(JobRun& run, Webhook const& webhook, int status) const;
    AnyReply failed(JobRun& run, Webhook const& webhook, Error const& error, bool gone) const;

    DelivererParts parts_;
    std::mutex mutex_;
    std::shared_ptr<net::HttpClient> client_;  ///< Made with the first delivery.
    std::unordered_map<std::string, SignersPointer> signers_;
};

}  // namespace nexpo::notification
