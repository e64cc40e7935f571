// SPDX-License-Identifier: Apache-2.0
#include "nexpo/backend.hpp"

#include <chrono>

#include "backend/backend_state.hpp"
#include "backend/sealing.hpp"
#include "describe/codec.hpp"
#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

namespace {

/// Our own answers may nest deeper than what we take from others.
constexpr std::size_t kOwnDepth = 512;

std::shared_ptr<ApiState> make_api(std::shared_ptr<BackendState> const& backend, operation::Identity identity) {
    return std::make_shared<ApiState>(ApiState{.backend = backend,
                                               .pipeline = *backend->pipeline,
                                               .generation = backend->generation,
                                               .identity = std::move(identity)});
}

}  // namespace

Backend::Backend(std::shared_ptr<BackendState> state) noexcept : state_(std::move(state)) {}

Api Backend::as_system(std::string_view organization) const {
    return Api(make_api(state_, operation::SystemIn{std::string(organization)}));
}

Api Backend::as(Caller caller) const {
    return Api(make_api(state_, std::move(caller)));
}

Api Backend::as_anonymous() const {
    return Api(make_api(state_, Caller{}));
}

Result<Api> Backend::authenticate(Secret const& access_token) const {
    if (auto open = usable(*state_); !open) return std::move(open).error();
    store::ReadLimits const limits{.deadline = state_->clock->steady_now() + state_->call_time};
    auto const caller =
        state_->services->identifier().identify(access_token.reveal(), limits, [] { return Result<void>(); });
    if (!caller) return caller.error();
    // The token, not the caller, goes along: every call asks anew whether its session still holds.
    return Api(make_api(state_, operation::BearerToken{std::string(access_token.reveal())}));
}

Api Backend::as_client(Client client) const {
    operation::Identity identity = client.caller ? std::move(*client.caller) : Caller{};
    if (!client.token.empty()) identity = operation::BearerToken{std::string(client.token.reveal())};
    auto state = make_api(state_, std::move(identity));
    state->address = std::move(client.address);
    state->request_id = std::move(client.request_id);
    state->traceparent = std::move(client.traceparent);
    return Api(std::move(state));
}

Gateway Backend::gateway() const {
    return Gateway(state_);
}

std::vector<OperationInfo> Backend::operations() const {
    std::vector<OperationInfo> infos;
    for (auto const& operation : state_->pipeline->operations()) infos.push_back(operation.info);
    return infos;
}

Result<OperationTypes> Backend::operation_types(std::string_view operation) const {
    auto const* found = state_->pipeline->find(operation);
    if (found == nullptr) {
        return Error{Errc::unimplemented, "operation_unknown",
                     "there is no operation " + std::string(operation.substr(0, 100))};
    }
    return OperationTypes{.input = found->input, .output = found->output};
}

Health Backend::health() const {
    auto const start = state_->clock->steady_now();
    auto answered = usable(*state_);
    if (answered) {
        answered = state_->store->read({store::Scope::installation()}, {.deadline = start + std::chrono::seconds(2)},
                                       [](Read& read) -> Result<void> {
                                           auto one = read.one<std::int64_t>("SELECT 1", {});
                                           if (!one) return std::move(one).error();
                                           return {};
                                       });
    }
    std::chrono::duration<double, std::milli> const latency = state_->clock->steady_now() - start;
    return {.ok = answered.has_value(),
            .checks = {{.name = "database",
                        .ok = answered.has_value(),
                        .latency_ms = latency.count(),
                        .message = answered ? std::string() : answered.error().message}}};
}

Result<std::int64_t> Backend::seal_audit() const {
    if (auto open = usable(*state_); !open) return std::move(open).error();
    return state_->audit->seal();
}

Result<AuditReport> Backend::verify_audit() const {
    if (auto open = usable(*state_); !open) return std::move(open).error();
    return state_->audit->verify();
}

Result<Resealed> Backend::reseal() const {
    if (auto open = usable(*state_); !open) return std::move(open).error();
    return backend::reseal(*state_->store, *state_->sealer, state_->is_sealing_key_configured);
}

Result<std::int64_t> Backend::work(WorkOptions const& options) const {
    if (auto open = usable(*state_); !open) return std::move(open).error();
    return state_->background->work(options);
}

std::string Backend::metrics() const {
    return state_->metrics->prometheus();
}

void Backend::close() const {
    state_->close();
}

Api::Api(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Auth Api::auth() const {
    return Auth(state_);
}

ApiKeys Api::api_keys() const {
    return ApiKeys(state_);
}

Users Api::users() const {
    return Users(state_);
}

Jobs Api::jobs() const {
    return Jobs(state_);
}

Schedules Api::schedules() const {
    return Schedules(state_);
}

Webhooks Api::webhooks() const {
    return Webhooks(state_);
}

Events Api::events() const {
    return Events(state_);
}

Organizations Api::organizations() const {
    return Organizations(state_);
}

Api Api::with(CallOptions options) const {
    auto state = std::make_shared<ApiState>(*state_);
    state->options = std::move(options);
    return Api(std::move(state));
}

/// A stream's answer is not one output.
static Result<void> check_answers(AnyOperation const* operation) {
    if (operation == nullptr || !operation->opens_stream) return {};
    return Error{Errc::unimplemented, "stream_operation", operation->info.name + " opens a stream: see Api::events"};
}

Result<Json> Api::invoke(std::string_view operation, Json const& input) const {
    if (auto answers = check_answers(state_->pipeline.find(operation)); !answers) return std::move(answers).error();
    auto outcome = state_->call(operation, [&input](StructType const& type) -> Result<std::shared_ptr<void>> {
        auto value = type.make();
        if (auto read = from_json(type, value.get(), input); !read) return std::move(read).error();
        return value;
    });
    if (!outcome.result) return std::move(outcome.result).error();
    auto const* found = state_->pipeline.find(operation);
    return Json::parse(to_json(*found->output, outcome.result->get()), kOwnDepth);
}

Result<AnyOutput> Api::call_untyped(std::string_view operation, StructType const& input_type,
                                    std::shared_ptr<void> input, StructType const& output_type) const {
    auto const* found = state_->pipeline.find(operation);
    if (auto answers = check_answers(found); !answers) return std::move(answers).error();
    bool const fits = found == nullptr || (describe::same_struct(*found->input, input_type) &&
                                           describe::same_struct(*found->output, output_type));
    if (!fits) {
        return Error{Errc::invalid_argument, "type_mismatch",
                     found->info.name + " takes " + found->input->name() + " and answers " + found->output->name()};
    }
    auto outcome = state_->call(
        operation, [&input](StructType const&) -> Result<std::shared_ptr<void>> { return std::move(input); });
    return std::move(outcome.result);
}

void Api::start(std::string_view operation, InputReader read, std::function<void(CallAnswer)> done) const {
    auto const found = state_->find(operation);
    if (!found) return done({.output = found.error()});
    if (auto answers = check_answers(*found); !answers) return done({.output = std::move(answers).error()});
    state_->start(**found, std::move(read), [done = std::move(done)](operation::Outcome outcome) {
        done({.output = std::move(outcome.result),
              .request_id = std::move(outcome.request_id),
              .traceparent = std::move(outcome.traceparent),
              .replayed = outcome.replayed,
              .caller = std::move(outcome.caller)});
    });
}

}  // namespace nexpo::inline v1
