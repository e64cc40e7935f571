// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "crypto/sealer.hpp"
#include "nexpo/config.hpp"
#include "operation/ports.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::operation {

/// What the pipeline works with. The references outlive it.
struct PipelineParts {
    store::Store& store;
    telemetry::Metrics& metrics;
    telemetry::Logger log;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    crypto::Sealer sealer;
    Identifier& identifier;
    OrganizationDirectory& organizations;
    JobQueue& jobs;
    bool create_organizations;
    LimitsConfig limits;
    OperationTable::Contents table;
    store::Scope all_organizations;  ///< For what the pipeline itself keeps about calls of everybody.
};

}  // namespace nexpo::operation
