// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "backend/audit_sealer.hpp"
#include "backend/background.hpp"
#include "backend/services.hpp"
#include "crypto/sealer.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/config.hpp"
#include "operation/pipeline.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::gateway {
struct GatewayState;
}

namespace nexpo::inline v1 {

/// What the handles of one backend share. Members are destroyed from the last to the first, so that nothing outlives
/// what it uses.
struct BackendState {
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    telemetry::Logger log;
    std::unique_ptr<telemetry::Metrics> metrics;
    std::unique_ptr<store::Store> store;
    std::optional<crypto::Sealer> sealer;
    bool is_sealing_key_configured = false;
    std::unique_ptr<backend::Services> services;
    std::unique_ptr<backend::Background> background;
    std::unique_ptr<operation::Pipeline> pipeline;
    std::unique_ptr<backend::AuditSealer> audit;
    int generation = 0;
    bool seals_at_end = false;         ///< The audit, when it closes.
    std::chrono::seconds call_time{};  ///< The longest time for one call.

    GatewayConfig gateway_config{};
    std::once_flag gateway_once{};
    std::shared_ptr<gateway::GatewayState const> gateway{};  ///< Made by the first Gateway.
    std::atomic<bool> closed = false;
    std::once_flag close_once{};

    BackendState() = default;
    BackendState(BackendState const&) = delete;
    BackendState& operator=(BackendState const&) = delete;
    ~BackendState();

    void close();

 private:
    void seal_rest() const;
};

/// `unavailable` after close, `failed_precondition` in a forked child, else success.
Result<void> usable(BackendState const& state);

}  // namespace nexpo::inline v1
