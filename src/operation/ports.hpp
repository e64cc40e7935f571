// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.hpp"
#include "nexpo/caller.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/result.hpp"
#include "nexpo/store.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// Says who holds an access token or an API key; implemented by auth. Thread-safe.
class Identifier {
 public:
    virtual ~Identifier() = default;
    /// Asks `may_look` before it looks at a token that it does not remember; its error is answered instead.
    /// Errors: unauthenticated, unavailable.
    virtual Result<Caller> identify(std::string_view access_token, store::ReadLimits const& limits,
                                    base::FunctionRef<Result<void>()> may_look) = 0;
};

/// Finds and creates organizations for `as_system`; implemented by user. Thread-safe.
class OrganizationDirectory {
 public:
    virtual ~OrganizationDirectory() = default;
    virtual Result<std::optional<std::string>> find(Read const& read, std::string_view slug) = 0;
    /// The organization's id, whether it existed or was made. Errors: invalid_argument (`/organization`).
    virtual Result<std::string> find_or_create(Transaction const& tx, std::string_view slug, Timestamp now) = 0;
};

/// For whom a closure queues jobs and emits events.
struct WorkOrigin {
    std::string_view organization_id;  ///< Empty: the installation.
    Timestamp now;
};

class JobQueue;

/// Sees every event of an organization within the transaction that emits it; implemented by notification. Thread-safe.
class EventFollower {
 public:
    virtual ~EventFollower() = default;
    /// Queues the jobs that follow the event; answers whether there are any.
    virtual Result<bool> follow(Transaction const& tx, WorkOrigin const& origin, std::string_view event_id,
                                std::string_view event, JobQueue& jobs) = 0;
};

/// Queues jobs within transactions; implemented by work. Thread-safe.
class JobQueue {
 public:
    virtual ~JobQueue() = default;
    /// The id of the job. Errors: see `Transaction::enqueue`.
    virtual Result<std::string> enqueue(Transaction const& tx, WorkOrigin const& origin, std::string_view kind,
                                        StructType const& type, void const* input, JobOptions const& options) = 0;
    /// Queues a job for each kind that is subscribed to the event, and those of whoever follows all events; answers
    /// whether there are any.
    virtual Result<bool> publish(Transaction const& tx, WorkOrigin const& origin, std::string_view event_id,
                                 std::string_view event, std::string const& payload) = 0;
    /// To be called once a transaction that queued jobs is committed.
    virtual void wake() = 0;
    /// Likewise, for a job that is due: wakes workers of other processes, as far as there is a way to them.
    virtual void announce(std::string_view /*job_id*/) {}
};

}  // namespace nexpo::operation
