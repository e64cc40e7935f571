// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nexpo/time.hpp"
#include "notification/webhook_store.hpp"
#include "operation/ports.hpp"

namespace nexpo::notification {

/// Queues a delivery for each webhook that wants an event, in the transaction that emits it. Which webhooks there are
/// is remembered for a second, so that an organization without any costs no look at the database with each event; what
/// is changed in this process holds at once. Thread-safe.
class WebhookFollower final : public operation::EventFollower {
 public:
    WebhookFollower(std::shared_ptr<Clock> clock, std::int64_t concurrency)
        : clock_(std::move(clock)), concurrency_(concurrency) {}

    Result<bool> follow(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view event_id,
                        std::string_view event, operation::JobQueue& jobs) override;

    /// The webhooks of an organization have changed.
    void forget(std::string const& organization_id);

 private:
    using Targets = std::shared_ptr<std::vector<WebhookTarget> const>;
    struct Known {
        std::chrono::steady_clock::time_point looked_at;
        Targets targets;
    };

    Result<Targets> targets(Transaction const& tx, std::string const& organization_id, bool remember);

    std::shared_ptr<Clock> clock_;
    std::int64_t concurrency_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
    std::uint64_t changes_ = 0;
};

}  // namespace nexpo::notification
