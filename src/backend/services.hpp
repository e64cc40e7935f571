// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "auth/auth_service.hpp"
#include "crypto/password_hasher.hpp"
#include "crypto/sealer.hpp"
#include "nexpo/config.hpp"
#include "operation/ports.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "user/directory.hpp"
#include "user/user_service.hpp"
#include "work/job_queue.hpp"

namespace nexpo::backend {

/// What every service is made from. The references outlive the services.
struct ServiceParts {
    Config const& config;
    store::Store& store;
    crypto::Sealer const& sealer;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    telemetry::Logger log;
    telemetry::Metrics& metrics;
};

/// The services of a backend and the ports through which they meet.
class Services {
 public:
    virtual ~Services() = default;

    /// Adds every operation of every service.
    virtual void add_operations(OperationTable& table) = 0;
    /// Adds the kinds of jobs that the operations queue.
    virtual void add_kinds(JobTable& jobs) = 0;
    /// Adds what the services do by themselves now and then.
    virtual void add_jobs(JobTable& jobs) = 0;
    /// Whom events are told to and who starts jobs; before any call.
    virtual void connect(work::JobQueue& jobs) = 0;
    virtual operation::Identifier& identifier() = 0;
    virtual operation::OrganizationDirectory& organizations() = 0;
    /// Ends what waits without the database.
    virtual void close() = 0;
};

/// Errors: invalid_argument (`auth.…`), failed_precondition (`sealing_key_unknown`), and the store's.
Result<std::unique_ptr<Services>> make_services(ServiceParts const& parts);

}  // namespace nexpo::backend
