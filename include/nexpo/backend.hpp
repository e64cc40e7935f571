// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Opening a backend and calling it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/api_key.hpp"
#include "nexpo/audit.hpp"
#include "nexpo/auth.hpp"
#include "nexpo/caller.hpp"
#include "nexpo/config.hpp"
#include "nexpo/event.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/gateway.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/result.hpp"
#include "nexpo/schedule.hpp"
#include "nexpo/user.hpp"
#include "nexpo/webhook.hpp"
#include "nexpo/work.hpp"

namespace nexpo::inline v1 {

/// The state of one part that the backend depends on.
struct HealthCheck {
    std::string name{};     ///< For example `database`.
    bool ok = false;        ///< Whether it works.
    double latency_ms = 0;  ///< How long the check took.
    std::string message{};  ///< What is wrong; empty when it works.
};

/// The state of the backend.
struct Health {
    bool ok = false;                    ///< Whether calls can be served.
    std::vector<HealthCheck> checks{};  ///< One per dependency.
};

/// What sealing anew has done.
struct Resealed {
    std::int64_t count = 0;         ///< How many sealed values were under another key.
    bool kept_key_removed = false;  ///< A key stood in the database, of no use beside a configured one; it is gone.
    std::string key_id{};           ///< Eight hexadecimal digits that name the key they are under now.
};

NEXPO_API StructType describe(Type<HealthCheck>);  ///< Description.
NEXPO_API StructType describe(Type<Health>);       ///< Description.

/// The backend as one caller sees it. Cheap to copy and safe to share between threads; calls block.
class NEXPO_API Api {
 public:
    /// Sign-up, sign-in and sessions.
    Auth auth() const;
    /// The API keys of the caller's organization.
    ApiKeys api_keys() const;
    /// The users of the caller's organization.
    Users users() const;
    /// The background jobs of the caller's organization.
    Jobs jobs() const;
    /// The schedules of the caller's organization.
    Schedules schedules() const;
    /// The webhooks of the caller's organization.
    Webhooks webhooks() const;
    /// The live events of the caller's organization.
    Events events() const;
    /// Organizations, for the embedding application.
    Organizations organizations() const;
    /// The same caller with other options.
    Api with(CallOptions options) const;

    /// Calls any operation by name with JSON, as the HTTP door does.
    /// Errors: unimplemented (`operation_unknown`), and those of the operation.
    Result<Json> invoke(std::string_view operation, Json const& input) const;

    /// Calls an operation by name with its own structs; `Out` must be its output type.
    /// Errors: unimplemented (`operation_unknown`), invalid_argument (`type_mismatch`), and those of the operation.
    template <class Out, class In>
    Result<Out> call(std::string_view operation, In const& input) const {
        auto output = call_untyped(operation, struct_type<In>(), std::make_shared<In>(input), struct_type<Out>());
        if (!output) return std::move(output).error();
        return *static_cast<Out const*>(output->get());
    }

    /// What `call` uses.
    Result<AnyOutput> call_untyped(std::string_view operation, StructType const& input_type,
                                   std::shared_ptr<void> input, StructType const& output_type) const;

    /// Turns what came through a door into an input: makes one of the type that it is given, and fills it.
    using InputReader = std::function<Result<std::shared_ptr<void>>(StructType const& type)>;

    /// Begins a call of any operation that answers once, and does not wait for its write to be committed. `read` is
    /// called at most once, on this thread, after the caller was found to have the right to call; what it answers is
    /// then checked. `done` is called exactly once, on this thread or on one of the library's, and must neither block
    /// nor throw. Before that the call may wait for the database, and more when `OperationInfo::may_block`.
    /// Errors: as those of `invoke`.
    void start(std::string_view operation, InputReader read, std::function<void(CallAnswer)> done) const;

    /// Made by `Backend`.
    explicit Api(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

/// A running backend. Cheap to copy and safe to share between threads; the last copy closes it.
/// A process that was forked must not use its parent's backend: every call answers `failed_precondition` (`forked`).
class NEXPO_API Backend {
 public:
    /// Opens the database, brings its tables up to date and starts the threads that `config` names.
    /// Errors: invalid_argument (a setting), failed_precondition (`database_newer`, `sealing_key_wrong`),
    /// unavailable (the database cannot be opened).
    static Result<Backend> open(Config config);

    /// Calls as the embedding application in the organization with this slug: every permission, no limits.
    Api as_system(std::string_view organization) const;
    /// Calls as somebody whom the application has identified itself.
    Api as(Caller caller) const;
    /// Calls as nobody in particular: sign-up and sign-in.
    Api as_anonymous() const;
    /// Calls as the holder of an access token or an API key. Errors: unauthenticated.
    Result<Api> authenticate(Secret const& access_token) const;

    /// Calls as whoever is at the other end of a door of your own, with the limits for strangers. Unlike
    /// `authenticate` it asks nothing: each call looks at the token itself.
    Api as_client(Client client) const;

    /// The backend as HTTP messages.
    Gateway gateway() const;
    /// Every operation, built-in and added, in order of declaration.
    std::vector<OperationInfo> operations() const;
    /// What the operation takes and answers. Errors: unimplemented (`operation_unknown`).
    Result<OperationTypes> operation_types(std::string_view operation) const;
    /// Whether calls can be served; asks each dependency.
    Health health() const;
    /// Seals the audit rows that have been committed until now and answers how many they were. The library does it by
    /// itself once a minute unless `WorkConfig::housekeeping` is off. Errors: unavailable.
    Result<std::int64_t> seal_audit() const;
    /// Examines the whole audit on one snapshot: a second or so per hundred thousand rows. What is wrong with it is in
    /// the report. Errors: unavailable.
    Result<AuditReport> verify_audit() const;
    /// Seals what is sealed in the database under `Config::sealing_key`, so that `Config::sealing_keys_old` are not
    /// needed for it any more. A key that stands in the database beside a configured one is removed; what it sealed is
    /// not taken over. All or nothing, and harmless to repeat. Errors: failed_precondition (`sealing_key_unknown`: the
    /// message names the key that is missing), data_loss, unavailable.
    Result<Resealed> reseal() const;
    /// Runs due jobs on this thread, beside those of `ThreadsConfig::jobs`, and answers how many attempts it made. For
    /// hosts without threads of their own between calls. Errors: unavailable.
    Result<std::int64_t> work(WorkOptions const& options) const;
    /// All metrics in Prometheus' text format 0.0.4.
    std::string metrics() const;
    /// Refuses new calls with `unavailable`, lets running ones finish, and stops every thread. Idempotent. Not from a
    /// function that the library calls (a handler, a hook, `done` of a gateway): it would wait for itself.
    void close() const;

    /// Made by `open`.
    explicit Backend(std::shared_ptr<BackendState> state) noexcept;

 private:
    std::shared_ptr<BackendState> state_;
};

}  // namespace nexpo::inline v1
