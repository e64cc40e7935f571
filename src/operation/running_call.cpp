// SPDX-License-Identifier: Apache-2.0
#include "operation/running_call.hpp"

#include <algorithm>
#include <exception>

#include "operation/address.hpp"
#include "operation/closure_jobs.hpp"
#include "operation/outbox.hpp"
#include "store/scope_change.hpp"
#include "telemetry/trace_context.hpp"

namespace nexpo::operation {

namespace {

constexpr std::size_t kMaxIdempotencyKey = 255;
constexpr std::size_t kCallerKey = 120;

/// Everything that a handler, hook or closure throws becomes an error.
template <class F>
auto guarded(F&& function) -> decltype(function()) {
    try {
        return function();
    } catch (Exception const& exception) {
        return exception.error();
    } catch (std::exception const& exception) {
        return Error{Errc::internal, "exception", exception.what()};
    } catch (...) {
        return Error{Errc::internal, "exception", "an exception of an unknown type"};
    }
}

/// Addresses are compared in lower case and without surrounding spaces.
std::string account_key(std::string_view text) {
    std::string key;
    for (char const c : text.substr(0, 254)) {
        if (c != ' ') key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return key;
}

Error rate_limited(LimitState const& state) {
    return {Errc::resource_exhausted, "rate_limited", "too many calls; come back later", {}, state.reset};
}

bool is_internal(Errc code) {
    return code == Errc::internal || code == Errc::unknown || code == Errc::data_loss;
}

/// Whether the error is what the closure asked to commit with, and not something that happened after it had asked.
bool is_refusal(Error const& error, TransactionState const& transaction) {
    return transaction.refusal == error;
}

}  // namespace

RunningCall::RunningCall(Pipeline::State& shared, Entry& entry, Done done)
    : shared_(shared),
      entry_(entry),
      done_(std::move(done)),
      state_{.services = shared, .operation = entry.operation->info} {}

void RunningCall::run(CallRequest request) {
    auto advanced = guarded([&] {
        trace(request);
        return advance(request);
    });
    if (!advanced) return answer(std::move(advanced).error());
    auto replayed = guarded([&] { return replay(request.options.idempotency_key); });
    if (!replayed) return answer(std::move(replayed).error());
    if (*replayed) return;
    auto hooked = guarded([this] { return run_before_hooks(); });
    if (!hooked) return answer(std::move(hooked).error());
    call_handler();
}

void RunningCall::trace(CallRequest& request) {
    auto const& parts = shared_.parts;
    started_ = parts.clock->steady_now();
    state_.now = parts.clock->now();
    state_.address = std::move(request.address);
    state_.if_version = request.options.if_version;
    state_.request_id = telemetry::acceptable_request_id(request.request_id)
                            ? std::move(request.request_id)
                            : telemetry::make_request_id(state_.now, *parts.random);
    auto const parent = telemetry::parse_traceparent(request.traceparent);
    auto const span = parent ? telemetry::child_of(*parent, *parts.random) : telemetry::new_trace(*parts.random);
    traceparent_ = telemetry::to_traceparent(span);

    std::chrono::milliseconds limit = std::chrono::seconds(parts.limits.call_seconds);
    if (request.options.timeout) {
        limit = std::clamp(*request.options.timeout, std::chrono::milliseconds::zero(), limit);
    }
    state_.limits = {.stop = request.options.stop, .deadline = started_ + limit};
}

Result<void> RunningCall::advance(CallRequest& request) {
    denied_ = true;
    if (auto done = limit_address(); !done) return done;
    if (auto done = identify(request.identity); !done) return done;
    if (auto done = limit_caller(); !done) return done;
    if (auto done = authorize(); !done) return done;
    if (auto done = decode(request.decode); !done) return done;
    if (auto done = limit_account(); !done) return done;
    denied_ = false;
    if (auto wanted = still_wanted(); !wanted) return wanted;
    return create_organization();
}

Result<void> RunningCall::spend(Limiter& limiter, std::string_view key) {
    if (!limiter.enabled()) return {};
    auto const state = limiter.take(key);
    if (!limit_ || !state.allowed || state.remaining < limit_->remaining) limit_ = state;
    if (state.allowed) return {};
    return rate_limited(state);
}

Result<void> RunningCall::limit_address() {
    if (!info().credentials || state_.address.empty()) return {};
    return spend(shared_.address_limit, limit_key(state_.address));
}

Result<void> RunningCall::identify(Identity& identity) {
    if (auto* caller = std::get_if<Caller>(&identity)) {
        state_.caller = std::move(*caller);
        return {};
    }
    if (auto const* system = std::get_if<SystemIn>(&identity)) return identify_system(*system);
    if (info().kind == OperationKind::stream) state_.token = Secret(std::get<BearerToken>(identity).text);
    auto caller = identify_token(std::get<BearerToken>(identity).text);
    if (caller) {
        state_.caller = std::move(*caller);
        return {};
    }
    // Signing in or refreshing with a stale token in the header is what clients do when it has expired.
    bool const token_matters = info().access != Access::anyone || caller.error().code != Errc::unauthenticated;
    if (token_matters) return std::move(caller).error();
    return {};
}

/// Whoever guesses, or only wants to keep us busy with forged tokens, is no longer listened to after a while. Tokens
/// that are remembered go on working, and cost no look at the limit.
Result<Caller> RunningCall::identify_token(std::string_view token) {
    auto& limiter = shared_.failed_identity_limit;
    bool const limited = limiter.enabled() && !state_.address.empty();
    auto const may_look = [&]() -> Result<void> {
        if (!limited) return {};
        auto const state = limiter.look(limit_key(state_.address));
        if (state.allowed) return {};
        limit_ = state;
        return rate_limited(state);
    };
    auto caller = shared_.parts.identifier.identify(token, state_.limits, may_look);
    bool const failed = !caller && caller.error().code == Errc::unauthenticated;
    if (failed && limited) static_cast<void>(limiter.take(limit_key(state_.address)));
    return caller;
}

Result<void> RunningCall::identify_system(SystemIn const& identity) {
    state_.caller.kind = CallerKind::system;
    auto& ids = shared_.organization_ids;
    if (auto known = ids.find(identity.organization, started_)) {
        state_.caller.organization_id = std::move(*known);
        return {};
    }
    auto& directory = shared_.parts.organizations;
    auto found = call_.read([&](Read& read) { return directory.find(read, identity.organization); });
    if (!found) return std::move(found).error();
    if (*found) {
        ids.remember(identity.organization, **found, started_);
        state_.caller.organization_id = std::move(**found);
        return {};
    }
    bool const may_create = shared_.parts.create_organizations || info().access == Access::system;
    // Signing in names no organization of the system caller's.
    bool const signs_in = info().credentials && info().access == Access::anyone;
    if (info().kind != OperationKind::mutation || signs_in || !may_create) {
        return Error{Errc::not_found, "organization_not_found", "there is no such organization"};
    }
    missing_organization_ = identity.organization;
    return {};
}

/// The organization of a system caller's first write, once the call is known to be sound.
Result<void> RunningCall::create_organization() {
    if (!missing_organization_) return {};
    std::string created;
    auto done =
        shared_.parts.store.write_and_wait(state_.access(), [&](Transaction& tx, TransactionState&) -> Result<void> {
            auto id = shared_.parts.organizations.find_or_create(tx, *missing_organization_, state_.now);
            if (!id) return std::move(id).error();
            created = std::move(*id);
            return {};
        });
    state_.caller.organization_id = std::move(created);
    return done;
}

Result<void> RunningCall::limit_caller() {
    if (info().credentials || state_.caller.kind == CallerKind::system) return {};
    std::string key = state_.caller.kind == CallerKind::anonymous ? limit_key(state_.address) : caller_key();
    if (key.empty()) return {};  // an anonymous call in-process
    return spend(shared_.caller_limit, key.append("\n").append(info().name));
}

Result<void> RunningCall::authorize() const {
    auto const kind = state_.caller.kind;
    if (info().access == Access::anyone || kind == CallerKind::system) return {};
    if (info().access == Access::system) {
        return Error{Errc::permission_denied, "permission_denied", "only the embedding application may do this"};
    }
    if (kind == CallerKind::anonymous) return Error{Errc::unauthenticated, "sign_in_required", "sign in first"};
    if (info().access == Access::permission) {
        auto const& other = info().or_permission;
        return !other.empty() && call_.may(other) ? Result<void>() : call_.require(info().permission);
    }
    if (kind == CallerKind::account) return {};
    return Error{Errc::permission_denied, "account_required", "an API key stands for no person"};
}

Result<void> RunningCall::decode(Decode const& decode) {
    auto const& type = *entry_.operation->input;
    auto decoded = decode(type);
    if (!decoded) return std::move(decoded).error();
    input_ = std::move(*decoded);
    return validate(type, input_.get());
}

Result<void> RunningCall::limit_account() {
    if (info().account_field.empty() || state_.caller.kind == CallerKind::system) return {};
    auto const& field = *entry_.operation->input->find(info().account_field);
    auto const* at = static_cast<char const*>(input_.get()) + field.offset();
    return spend(shared_.account_limit, account_key(field.type().text(at)));
}

std::string RunningCall::caller_key() const {
    auto const joined = [this](std::string_view id) {
        std::string key;
        key.reserve(kCallerKey);  // enough for the name of an operation behind it
        return key.append(id).append("\n").append(state_.caller.organization_id);
    };
    switch (state_.caller.kind) {
        case CallerKind::account:
            return joined(state_.caller.account_id);
        case CallerKind::system:
            return joined("system");
        case CallerKind::api_key:
            return joined(state_.caller.api_key_id);
        case CallerKind::anonymous:
            break;
    }
    return state_.address;
}

/// Answers from the record of an earlier call, if there is one; true when it did.
Result<bool> RunningCall::replay(std::string const& key) {
    // Nobody can tell one anonymous caller from another, so none gets what another was answered.
    auto const& caller = state_.caller;
    bool const known = caller.kind == CallerKind::system || !caller.account_id.empty() || !caller.api_key_id.empty();
    bool const applies = info().kind == OperationKind::mutation && !info().credentials && known;
    if (key.empty() || !applies) return false;
    if (key.size() > kMaxIdempotencyKey) {
        return Error{Errc::invalid_argument, "idempotency_key_invalid",
                     "an idempotency key has at most 255 characters"};
    }
    auto const& operation = *entry_.operation;
    idempotency_ = shared_.idempotency.key(caller.organization_id, caller_key(), operation, key, input_.get());
    auto found =
        call_.read([&](Read& read) { return shared_.idempotency.find(read, *idempotency_, operation, state_.now); });
    if (!found) return std::move(found).error();
    if (!*found) return false;
    replayed_ = true;
    answer(std::move(**found));
    return true;
}

Result<void> RunningCall::run_before_hooks() {
    OperationTypes const types{.input = entry_.operation->input, .output = entry_.operation->output};
    for (auto const* hook : entry_.before) {
        if (auto done = hook->before(call_, types, input_.get()); !done) return done;
        if (auto valid = validate(*entry_.operation->input, input_.get()); !valid) return valid;
    }
    return {};
}

void RunningCall::call_handler() {
    auto reply = guarded([this]() -> AnyReply { return entry_.operation->handler(call_, input_.get()); });
    if (auto* closure = std::get_if<AnyWrite>(&reply)) return write(std::move(*closure));
    answer(std::move(std::get<Result<AnyOutput>>(reply)));
}

void RunningCall::write(AnyWrite closure) {
    if (info().kind != OperationKind::mutation) {
        return answer(Error{Errc::internal, "query_writes", info().name + " is a query and must not write"});
    }
    struct Written {
        std::optional<Result<AnyOutput>> result;
        std::vector<std::function<void()>> after_commit;
    };
    auto written = std::make_shared<Written>();
    auto self = shared_from_this();
    auto run = [self, written, closure = std::move(closure)](Transaction& tx,
                                                             TransactionState& transaction) -> Result<void> {
        self->replayed_ = false;  // the closure may be run again
        written->result = guarded([&] { return self->write_once(closure, tx, transaction); });
        written->after_commit = std::move(transaction.after_commit);
        bool const commits = written->result->has_value() || is_refusal(written->result->error(), transaction);
        return commits ? Result<void>() : written->result->error();
    };
    auto done = [self, written](Result<void> committed) {
        if (!committed) return self->answer(std::move(committed).error());
        for (auto const& function : written->after_commit) self->run_after_commit(function);
        self->answer(std::move(*written->result));
    };
    if (entry_.after.empty()) return shared_.parts.store.write(state_.access(), std::move(run), std::move(done));
    // An application's hook must not hold up the writer.
    done(shared_.parts.store.write_and_wait(state_.access(), std::move(run)));
}

/// What it throws would end the writer, and with it the process.
void RunningCall::run_after_commit(std::function<void()> const& function) const {
    auto const ran = guarded([&]() -> Result<void> {
        function();
        return {};
    });
    if (ran) return;
    shared_.parts.log.error(
        "a function for after the commit failed",
        {{"operation", info().name}, {"request_id", state_.request_id}, {"detail", ran.error().message}});
}

/// Runs the closure and adds to the same transaction what every mutation leaves behind.
Result<AnyOutput> RunningCall::write_once(AnyWrite const& closure, Transaction& tx, TransactionState& transaction) {
    if (auto wanted = still_wanted(); !wanted) return std::move(wanted).error();
    auto const& operation = *entry_.operation;
    if (idempotency_) {
        auto found = shared_.idempotency.find(tx, *idempotency_, operation, state_.now);
        if (!found) return std::move(found).error();
        if (*found) {
            replayed_ = true;
            return std::move(**found);
        }
    }
    ClosureJobs jobs(shared_.parts.jobs, {state_.caller.organization_id, state_.now});
    transaction.jobs = &jobs;
    auto result = closure(tx);
    transaction.jobs = nullptr;
    if (!result && !is_refusal(result.error(), transaction)) return result;
    if (result && state_.if_version && !state_.version_checked) {
        return Error{Errc::invalid_argument, "version_unsupported", "this operation changes no record with a version"};
    }
    auto const& organization =
        transaction.audit_organization.empty() ? state_.caller.organization_id : transaction.audit_organization;
    store::ScopeChange const records(
        tx, organization.empty() ? shared_.parts.all_organizations : store::Scope::organization(organization));
    auto const outcome = result ? std::string_view("ok") : std::string_view(result.error().reason);
    auto recorded = write_audit_entry(transaction, state_, outcome);
    if (recorded) {
        recorded = write_outbox_events(tx, transaction,
                                       {.name = info().name,
                                        .emits = info().emits,
                                        .origin = {organization, state_.now},
                                        .request_id = state_.request_id,
                                        .random = *shared_.parts.random,
                                        .jobs = shared_.parts.jobs,
                                        .signals = shared_.parts.store.signals()});
    }
    if (recorded && result && idempotency_) {
        recorded = shared_.idempotency.record(tx, *idempotency_, operation, result->get(), state_.now);
    }
    if (!recorded) {
        transaction.refusal.reset();
        return std::move(recorded).error();
    }
    return result;
}

Result<void> RunningCall::still_wanted() const {
    if (state_.limits.stop.stop_requested()) return Error{Errc::cancelled, "call_stopped", "the call was stopped"};
    if (shared_.parts.clock->steady_now() < state_.limits.deadline) return {};
    return Error{Errc::deadline_exceeded, "deadline_exceeded", "the call took too long"};
}

void RunningCall::answer(Result<AnyOutput> result) {
    if (result && !replayed_) {
        OperationTypes const types{.input = entry_.operation->input, .output = entry_.operation->output};
        for (auto const* hook : entry_.after) {
            auto const ran = guarded([&]() -> Result<void> {
                hook->after(call_, types, input_.get(), result->get());
                return {};
            });
            if (!ran) {
                shared_.parts.log.error("an after hook failed", {{"operation", info().name},
                                                                 {"request_id", state_.request_id},
                                                                 {"reason", ran.error().reason},
                                                                 {"detail", ran.error().message}});
            }
        }
    }
    if (!result) report(result.error());
    auto const code = result ? std::size_t{0} : static_cast<std::size_t>(result.error().code);
    if (code < entry_.calls.size()) entry_.calls[code]->add();
    entry_.seconds->observe(shared_.parts.clock->steady_now() - started_);
    if (info().kind == OperationKind::mutation) shared_.housekeep(state_.now);

    auto& shared = shared_;
    done_({.result = std::move(result),
           .request_id = std::move(state_.request_id),
           .traceparent = std::move(traceparent_),
           .limit = limit_,
           .replayed = replayed_,
           .caller = std::move(state_.caller)});
    shared.leave();
}

/// Counts refusals, and keeps what went wrong inside for the log.
void RunningCall::report(Error& error) {
    if (denied_ || error.code == Errc::permission_denied) count_denial(error);
    if (!is_internal(error.code)) return;
    shared_.parts.log.error("a call failed", {{"operation", info().name},
                                              {"request_id", state_.request_id},
                                              {"trace_id", telemetry::trace_id_of(traceparent_)},
                                              {"code", to_string(error.code)},
                                              {"reason", error.reason},
                                              {"detail", error.message}});
    error.reason = to_string(error.code);
    error.message = "something went wrong on our side; the log has the details under the request id";
    error.violations.clear();
}

void RunningCall::count_denial(Error const& error) {
    bool const denial = error.code == Errc::unauthenticated || error.code == Errc::permission_denied ||
                        error.code == Errc::resource_exhausted;
    if (!denial) return;
    shared_.denials.count(state_.caller, state_.address, info().name, error.reason, state_.now);
    shared_.housekeep(state_.now);
}

}  // namespace nexpo::operation
