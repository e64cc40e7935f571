// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "backend/backend_state.hpp"
#include "backend/sealing.hpp"
#include "base/process.hpp"
#include "describe/codec.hpp"
#include "drivers/signals/registry.hpp"
#include "operation/housekeeping.hpp"
#include "operation/pipeline_parts.hpp"
#include "operation/table.hpp"

namespace nexpo::operation {
std::vector<Migration> const& migrations();
}
namespace nexpo::work {
std::vector<Migration> const& migrations();
}
namespace nexpo::notification {
std::vector<Migration> const& migrations();
}

namespace nexpo::inline v1 {

namespace {

constexpr std::string_view kReservedOwner = "nexpo/";

Result<std::vector<Migration>> all_migrations(std::vector<Migration> const& of_application) {
    std::vector<Migration> all;
    for (auto const* own : {&backend::migrations(), &operation::migrations(), &work::migrations(), &user::migrations(),
                            &auth::migrations(), &notification::migrations()}) {
        all.insert(all.end(), own->begin(), own->end());
    }
    for (auto const& migration : of_application) {
        if (migration.owner.starts_with(kReservedOwner)) {
            return Error{Errc::invalid_argument, "migration_invalid", "owners that start with nexpo/ are taken"};
        }
        all.push_back(migration);
    }
    return all;
}

/// A job that follows an event which nobody emits, or takes something else than its payload, would never run. One that
/// does not say what it takes, takes the payload.
Result<void> check_subscriptions(std::vector<AnyOperation> const& operations, JobTable::Contents& jobs) {
    std::map<std::string_view, StructType const*> emitted;
    for (auto const& operation : operations) {
        for (auto const& event : operation.info.emits) emitted.emplace(event.name, event.payload);
    }
    for (auto const& job : jobs.jobs) {
        for (auto const& event : job.kind.emits) emitted.emplace(event.name, event.payload);
    }
    for (auto const& [event, kind] : jobs.subscriptions) {
        auto const found = emitted.find(event);
        auto const job = std::ranges::find(jobs.jobs, kind, [](AnyJob const& one) { return one.kind.name; });
        bool const known = found != emitted.end() && found->second != nullptr && job != jobs.jobs.end();
        if (known && job->input == nullptr) job->input = found->second;
        if (known && describe::same_struct(*found->second, *job->input)) continue;
        std::string message("kind of job ");
        message.append(kind).append(": nothing emits the event ").append(event).append(" with what it takes");
        return Error{Errc::invalid_argument, "job_kind_invalid", std::move(message)};
    }
    return {};
}

void measure_store(telemetry::Metrics& metrics, store::Store const& store) {
    metrics.gauge("nexpo_store_writes", "Writes committed since the start.", {},
                  [&store] { return static_cast<double>(store.stats().writes); });
    metrics.gauge("nexpo_store_commits", "Commits that carried them.", {},
                  [&store] { return static_cast<double>(store.stats().commits); });
    metrics.gauge("nexpo_store_writes_queued", "Writes that wait for the next commit.", {},
                  [&store] { return static_cast<double>(store.stats().queued); });
    metrics.gauge("nexpo_store_writes_repeated", "Writes run again because others changed the same records.", {},
                  [&store] { return static_cast<double>(store.stats().repeats); });
    metrics.gauge("nexpo_store_connections", "Connections to a database server.", {},
                  [&store] { return static_cast<double>(store.stats().connections); });
    metrics.gauge("nexpo_store_reads_waiting", "Reads that wait for a connection.", {},
                  [&store] { return static_cast<double>(store.stats().readers_waiting); });
}

store::StoreOptions store_options(Config const& config, BackendState const& state) {
    return {.url = config.database,
            .readers = static_cast<std::size_t>(config.threads.readers),
            .clock = state.clock,
            .create = config.migrate,
            .writers = static_cast<std::size_t>(config.threads.writers),
            .owner_url = config.database_owner,
            .replica_urls = config.database_replicas,
            .replica_lag = std::chrono::seconds(config.database_replica_lag_seconds),
            .log = state.log};
}

Result<void> fill(BackendState& state, Config config) {
    if (auto valid = check_config(config); !valid) return valid;
    state.generation = base::process_generation();
    state.gateway_config = config.gateway;
    state.call_time = std::chrono::seconds(config.limits.call_seconds);
    state.clock = config.clock ? config.clock : system_clock();
    state.random = config.random ? config.random : system_random();
    state.log = telemetry::Logger(config.log, state.clock);
    state.metrics = std::make_unique<telemetry::Metrics>();

    auto migrations = all_migrations(config.migrations);
    if (!migrations) return std::move(migrations).error();
    auto store = store::open_store(store_options(config, state));
    if (!store) return std::move(store).error();
    state.store = std::move(*store);
    auto current = config.migrate ? state.store->migrate(*migrations) : state.store->check(*migrations);
    if (!current) return current;
    measure_store(*state.metrics, *state.store);
    if (!config.work.signals.empty()) {
        auto relay = drivers::open_signal_relay(config.work.signals.reveal(), state.random, state.log);
        if (!relay) return std::move(relay).error();
        state.store->signals().set_relay(std::move(*relay));
    }

    auto sealer =
        backend::open_sealer(*state.store, {config.sealing_key, config.sealing_keys_old}, state.random, state.log);
    if (!sealer) return std::move(sealer).error();
    state.sealer = *sealer;
    state.is_sealing_key_configured = !config.sealing_key.empty();
    if (config.sealing_key.empty()) {
        state.log.warning("no sealing_key is configured: keys are sealed under one that stands in the same database");
    }
    auto services = backend::make_services({.config = config,
                                            .store = *state.store,
                                            .sealer = *sealer,
                                            .clock = state.clock,
                                            .random = state.random,
                                            .log = state.log,
                                            .metrics = *state.metrics});
    if (!services) return std::move(services).error();
    state.services = std::move(*services);

    auto audit_key = operation::AuditKey::open(*state.store, store::Scope::installation(), *sealer, state.clock->now(),
                                               *state.random);
    if (!audit_key) return std::move(audit_key).error();
    state.audit = std::make_unique<backend::AuditSealer>(*state.store, std::move(*audit_key), state.clock, state.random,
                                                         state.log, *state.metrics);
    state.seals_at_end = config.work.housekeeping && config.threads.jobs > 0;
    auto jobs = config.jobs;
    state.services->add_kinds(jobs);
    if (config.work.housekeeping) {
        operation::add_jobs(jobs);
        state.services->add_jobs(jobs);
        state.audit->add_jobs(jobs);
    }
    OperationTable table;
    state.services->add_operations(table);
    auto emitting = table.contents().operations;
    auto const& added = config.operations.contents();
    emitting.insert(emitting.end(), added.operations.begin(), added.operations.end());
    if (auto checked = check_subscriptions(emitting, jobs.contents()); !checked) return checked;
    auto background = backend::Background::make({.config = config,
                                                 .jobs = jobs,
                                                 .store = *state.store,
                                                 .metrics = *state.metrics,
                                                 .log = state.log,
                                                 .identifier = state.services->identifier(),
                                                 .clock = state.clock,
                                                 .random = state.random});
    if (!background) return std::move(background).error();
    state.background = std::move(*background);
    state.services->connect(state.background->queue());

    state.background->add_operations(table);
    auto contents = table.contents();
    contents.operations.insert(contents.operations.end(), added.operations.begin(), added.operations.end());
    contents.hooks = added.hooks;
    contents.grants = added.grants;
    if (auto checked = operation::check_table(contents); !checked) return checked;

    for (auto const& operation : contents.operations) state.background->events().add(operation.info.emits);
    for (auto const& job : jobs.contents().jobs) state.background->events().add(job.kind.emits);

    state.pipeline = std::make_unique<operation::Pipeline>(
        operation::PipelineParts{.store = *state.store,
                                 .metrics = *state.metrics,
                                 .log = state.log,
                                 .clock = state.clock,
                                 .random = state.random,
                                 .sealer = std::move(*sealer),
                                 .identifier = state.services->identifier(),
                                 .organizations = state.services->organizations(),
                                 .jobs = state.background->queue(),
                                 .create_organizations = config.create_organizations,
                                 .limits = config.limits,
                                 .table = std::move(contents),
                                 .all_organizations = store::Scope::installation()});
    return state.background->start();
}

}  // namespace

BackendState::~BackendState() {
    if (generation == base::process_generation()) {
        close();
        return;
    }
    // A child has none of its parent's threads and shares its database files: waiting for the former or closing the
    // latter would hang it or harm its parent, so what it inherited is left as it is.
    static_cast<void>(audit.release());
    static_cast<void>(pipeline.release());
    static_cast<void>(background.release());
    static_cast<void>(services.release());
    static_cast<void>(store.release());
}

Result<void> usable(BackendState const& state) {
    if (state.generation != base::process_generation()) {
        return Error{Errc::failed_precondition, "forked", "a forked process must open its own backend"};
    }
    if (state.closed) return Error{Errc::unavailable, "closed", "the backend is closed"};
    return {};
}

void BackendState::close() {
    if (generation != base::process_generation()) return;
    closed = true;
    // Whoever closes a second time waits as well until everything has stopped.
    std::call_once(close_once, [this] {
        if (background) background->close();  // first: running jobs and calls still use everything else
        if (pipeline) pipeline->close();
        if (audit && seals_at_end) seal_rest();
        if (services) services->close();
        if (store) store->close();
    });
}

/// No worker is left that would.
void BackendState::seal_rest() const {
    auto const sealed = audit->seal();
    if (!sealed) log.error("the audit was not sealed", {{"reason", sealed.error().reason}});
}

Result<Backend> Backend::open(Config config) try {
    auto state = std::make_shared<BackendState>();
    if (auto filled = fill(*state, std::move(config)); !filled) return std::move(filled).error();
    return Backend(std::move(state));
} catch (Exception const& exception) {
    return exception.error();
} catch (std::exception const& exception) {
    return Error{Errc::internal, "open_failed", exception.what()};
}

}  // namespace nexpo::inline v1
