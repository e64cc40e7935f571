// SPDX-License-Identifier: Apache-2.0
#include "nexpo/gateway.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <utility>

#include "backend/backend_state.hpp"
#include "base/gzip.hpp"
#include "gateway/answer.hpp"
#include "gateway/content_coding.hpp"
#include "gateway/event_channel.hpp"
#include "gateway/event_stream.hpp"
#include "gateway/exchange.hpp"
#include "gateway/gateway_state.hpp"
#include "gateway/input.hpp"
#include "gateway/pages.hpp"
#include "gateway/problem.hpp"
#include "telemetry/trace_context.hpp"
#include "work/subscription_state.hpp"

namespace nexpo {

namespace gateway {

namespace {

constexpr std::string_view kAllMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// One request from its arrival to its one answer.
class Service : public std::enable_shared_from_this<Service> {
 public:
    Service(std::shared_ptr<BackendState> const& backend, Request&& request, std::function<void(Response)>&& done)
        : backend_(*backend), backend_owner_(backend), exchange_(std::move(request)), done_(std::move(done)) {}

    void run(std::shared_ptr<BackendState> const& backend) noexcept {
        guarded([&] { serve(backend); });
    }

 private:
    void serve(std::shared_ptr<BackendState> const& backend) {
        request_id_ = exchange_.fields.request_id.value;
        if (!telemetry::acceptable_request_id(request_id_)) {
            request_id_ = telemetry::make_request_id(backend_.clock->now(), *backend_.random);
        }
        auto const& state = gateway_state(backend_);
        state_ = &state;
        if (exchange_.request.method == "OPTIONS" && exchange_.request.target == "*")
            return answer_options(std::string(kAllMethods));
        auto const body_bytes = static_cast<std::size_t>(state.config.body_bytes);
        if (auto refused = locate(exchange_, state.router, state.routes, body_bytes))
            return refuse(state, std::move(*refused));
        if (exchange_.route == nullptr) return answer_options(exchange_.endpoint->allow());
        if (exchange_.route->page) {
            return answer(page_answer(*exchange_.route->page, exchange_, make_ids(), state, backend));
        }
        if (auto refused = inspect(exchange_)) return refuse(state, std::move(*refused));
        if (auto ready = usable(backend_); !ready) {
            auto const& error = ready.error();
            return answer(problem_answer(http_status(error, false), error, make_ids(), false));
        }
        call();
    }

    void call() {
        auto const& fields = exchange_.fields;
        operation::CallRequest request{
            .identity = Caller{},
            .address = exchange_.request.peer,
            .options = {.idempotency_key = exchange_.idempotency_key, .stop = exchange_.request.stop},
            .request_id = request_id_,
            .traceparent = std::string(fields.traceparent.value),
            .decode = [self = shared_from_this()](StructType const& type) { return self->decode(type); }};
        if (fields.authorization.given()) request.identity = operation::BearerToken{bearer_token(fields.authorization)};
        if (!exchange_.is_read()) request.options.if_version = exchange_.if_version;
        backend_.pipeline->run(*exchange_.route->operation, std::move(request),
                               [self = shared_from_this()](operation::Outcome outcome) {
                                   self->guarded([&] { self->answer_outcome(std::move(outcome)); });
                               });
    }

    void answer_outcome(operation::Outcome outcome) {
        if (!exchange_.is_stream() || !outcome.result) return answer(outcome_answer(exchange_, std::move(outcome)));
        auto feed = work::opened_feed(*outcome.result);
        auto response = event_stream_answer(std::move(outcome));
        if (exchange_.request.method != "HEAD") {
            response.source =
                std::make_shared<EventStream>(backend_owner_.lock(), std::move(feed), *state_->event_streams,
                                              backend_.store->may_block(), retry_time(), request_id_);
        }
        answer(std::move(response));
    }

    /// Those whose streams ended at the same moment should not all come back at the same moment.
    std::uint64_t retry_time() const {
        constexpr std::uint64_t kLeastRetry = 1'000;
        constexpr std::uint64_t kRetrySpread = 4'000;
        std::array<std::byte, 2> bytes{};
        backend_.random->fill(bytes);
        auto const number = std::to_integer<std::uint64_t>(bytes[0]) << 8U | std::to_integer<std::uint64_t>(bytes[1]);
        return kLeastRetry + number % kRetrySpread;
    }

    Result<std::shared_ptr<void>> decode(StructType const& type) {
        if (!exchange_.body_is_compressed) return decode(type, exchange_.request.body);
        // Here and not earlier, so that nobody can have it done who is refused anyway.
        auto const body = base::gunzip(exchange_.request.body, static_cast<std::size_t>(state_->config.body_bytes));
        if (!body) {
            exchange_.body_is_too_large = body.error().reason == "body_too_large";
            return body.error();
        }
        return decode(type, *body);
    }

    Result<std::shared_ptr<void>> decode(StructType const& type, std::string_view body) const {
        auto input = read_fields_of(type, body);
        auto const& last = exchange_.fields.last_event_id;
        if (!input || !exchange_.is_stream() || last.value.empty()) return input;
        // What a client that comes back says stands above the address that it began with.
        static_cast<SubscribeEvents*>(input->get())->after = std::string(last.value);
        return input;
    }

    Result<std::shared_ptr<void>> read_fields_of(StructType const& type, std::string_view body) const {
        return read_input(type, {.path_names = exchange_.route->parameters,
                                 .path_values = exchange_.path_values,
                                 .query = &exchange_.query,
                                 .fields_in_query = !exchange_.route->takes_body(),
                                 .body = body});
    }

    void refuse(GatewayState const& state, Refusal refused) {
        if (auto const counter = state.refusals.find(refused.status); counter != state.refusals.end()) {
            counter->second->add();
        }
        auto response = problem_answer(refused.status, refused.error, make_ids(), false);
        for (auto& header : refused.headers) response.headers.push_back(std::move(header));
        answer(std::move(response));
    }

    void answer_options(std::string const& allow) {
        auto response = bare_answer(204, make_ids(), kNoStore);
        response.headers.push_back({"Allow", allow});
        auto const& fields = exchange_.fields;
        if (fields.preflight_method.given() && state_->cors.allows(fields.origin)) {
            state_->cors.add_preflight(response, allow);
        }
        answer(std::move(response));
    }

    AnswerIds make_ids() const {
        auto const given = telemetry::parse_traceparent(exchange_.fields.traceparent.value);
        auto const span =
            given ? telemetry::child_of(*given, *backend_.random) : telemetry::new_trace(*backend_.random);
        return {request_id_, telemetry::to_traceparent(span)};
    }

    /// Runs a step; whatever it throws becomes the answer.
    template <class Step>
    void guarded(Step step) noexcept {
        try {
            try {
                step();
            } catch (std::exception const& exception) {
                fail(exception.what());
            } catch (...) {
                fail("an exception of unknown type");
            }
        } catch (...) {
            // Not even the problem could be put together, for want of memory: a status needs none.
            deliver(Response{.status = 500, .fixed_headers = security_headers()});
        }
    }

    void fail(std::string_view what) {
        backend_.log.error("request failed", {{"request_id", request_id_}, {"error", what}});
        Error const error{.code = Errc::internal, .reason = "internal", .message = {}};
        answer(problem_answer(500, error, make_ids(), false));
    }

    void answer(Response response) {
        response.fixed_headers = security_headers();
        if (state_ != nullptr) {
            state_->complete(response, exchange_.fields.origin, exchange_.request.secure);
            compress(response, exchange_, *state_);
        }
        if (exchange_.request.method == "HEAD") response.body.clear();
        deliver(std::move(response));
    }

    void deliver(Response response) {
        if (answered_.exchange(true)) return;
        done_(std::move(response));
    }

    BackendState& backend_;  // outlives the call: closing waits for running calls
    std::weak_ptr<BackendState> backend_owner_;
    GatewayState const* state_ = nullptr;  // until the state is there, and if it could not be made
    Exchange exchange_;
    std::function<void(Response)> done_;
    std::string request_id_;
    std::atomic<bool> answered_ = false;
};

}  // namespace

}  // namespace gateway

inline namespace v1 {

Gateway::Gateway(std::shared_ptr<BackendState> state) noexcept : state_(std::move(state)) {}

void Gateway::handle(Request request, std::function<void(Response)> done) const {
    auto const state = state_;  // `done` may destroy this gateway
    std::shared_ptr<gateway::Service> service;
    try {
        service = std::make_shared<gateway::Service>(state, std::move(request), std::move(done));
    } catch (...) {  // no memory; `done` is moved from last, so it is still here
        done(Response{.status = 500, .fixed_headers = gateway::security_headers()});
        return;
    }
    service->run(state);
}

Response Gateway::handle(Request request) const {
    // Shared, because the answering thread may still be inside set_value when the future is ready.
    auto const promise = std::make_shared<std::promise<Response>>();
    auto future = promise->get_future();
    handle(std::move(request), [promise](Response response) { promise->set_value(std::move(response)); });
    return future.get();
}

std::shared_ptr<Channel> Gateway::connect(Request request) const try {
    auto const& state = gateway::gateway_state(*state_);
    auto const target = gateway::parse_target(request.target);
    if (request.target.size() > gateway::kMaxTarget || !target) return nullptr;
    auto const match = state.router.find(target->path);
    auto const route = match.endpoint != nullptr ? match.endpoint->find("GET") : std::nullopt;
    if (!route || !state.routes[*route].is_stream()) return nullptr;
    auto const fields = gateway::read_fields(request.headers);
    Secret token(gateway::bearer_token(fields.authorization));
    return std::make_shared<gateway::EventChannel>(state_, *state.routes[*route].operation, std::move(token),
                                                   std::move(request.peer), *state.channels);
} catch (std::exception const&) {
    return nullptr;  // `handle` meets the same failure and answers with it
}

void Gateway::complete(Request const& request, Response& response) const {
    response.fixed_headers = gateway::security_headers();
    try {
        auto const fields = gateway::read_fields(request.headers);
        gateway::gateway_state(*state_).complete(response, fields.origin, request.secure);
    } catch (std::exception const&) {
        return;  // `handle` would meet the same failure and answer without them too
    }
}

/// Whether the body can have a member of this name, without decoding it: a name may be hidden by an escape or by
/// compression, and then the answer is yes.
static bool may_have_member(Request const& request, std::string_view name) {
    if (request.header("Content-Encoding") || request.body.find('\\') != std::string::npos) return true;
    return request.body.find('"' + std::string(name) + '"') != std::string::npos;
}

std::size_t Gateway::body_limit() const noexcept {
    return static_cast<std::size_t>(state_->gateway_config.body_bytes);
}

bool Gateway::may_block(Request const& request) const {
    if (request.target.size() > gateway::kMaxTarget) return false;
    try {
        auto const& state = gateway::gateway_state(*state_);
        if (!state_->store->may_block() && !state.blocking_methods.contains(request.method)) return false;
        auto const target = gateway::parse_target(request.target);
        if (!target) return false;
        auto const match = state.router.find(target->path);
        auto const route = match.endpoint != nullptr ? match.endpoint->find(request.method) : std::nullopt;
        if (!route) return false;
        auto const* operation = state.routes[*route].operation;
        if (operation == nullptr) return state_->store->may_block();  // health asks the database
        if (!operation->info.may_block) return false;
        auto const& field = operation->info.blocking_field;
        return field.empty() || may_have_member(request, field);
    } catch (std::exception const&) {
        return false;  // `handle` meets the same failure and answers with it
    }
}

}  // namespace v1

}  // namespace nexpo
