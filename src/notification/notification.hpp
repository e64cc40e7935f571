// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "crypto/sealer.hpp"
#include "nexpo/config.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"
#include "notification/webhook_deliverer.hpp"
#include "notification/webhook_follower.hpp"
#include "notification/webhook_service.hpp"
#include "work/job_queue.hpp"

namespace nexpo::notification {

/// What notifications are made from.
struct NotificationParts {
    Config const& config;
    crypto::Sealer const& sealer;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
};

/// The notifications of a backend. Members stand in the order in which they need each other.
class Notification {
 public:
    /// Errors: invalid_argument (`network_invalid`, `url_invalid` for the proxy).
    static Result<std::unique_ptr<Notification>> make(NotificationParts const& parts);

    Notification(Notification const&) = delete;
    Notification& operator=(Notification const&) = delete;

    void add_operations(OperationTable& table) { notification::add_operations(table, webhooks_); }
    void add_kinds(JobTable& jobs) { jobs.add_untyped(deliverer_.job()); }
    /// Before any call.
    void connect(work::JobQueue& jobs) noexcept {
        jobs.set_follower(follower_);
        webhooks_.connect(jobs);
    }
    void close() { deliverer_.close(); }

 private:
    Notification(NotificationParts const& parts, net::AddressGuard guard);

    std::shared_ptr<Random> random_;
    WebhookFollower follower_;
    WebhookDeliverer deliverer_;
    WebhookService webhooks_;
};

}  // namespace nexpo::notification
