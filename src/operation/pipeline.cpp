// SPDX-License-Identifier: Apache-2.0
#include "operation/pipeline.hpp"

#include <future>

#include "operation/running_call.hpp"

namespace nexpo::operation {

Pipeline::Pipeline(PipelineParts parts) : state_(std::make_unique<State>(std::move(parts))) {}

Pipeline::~Pipeline() {
    close();
}

std::span<AnyOperation const> Pipeline::operations() const noexcept {
    return state_->parts.table.operations;
}

AnyOperation const* Pipeline::find(std::string_view name) const noexcept {
    return state_->find(name);
}

void Pipeline::run(AnyOperation const& operation, CallRequest request, Done done) const {
    if (!state_->enter()) {
        return done({.result = Error{Errc::unavailable, "closed", "the backend is closed"},
                     .request_id = std::move(request.request_id)});
    }
    std::make_shared<RunningCall>(*state_, state_->entry(operation), std::move(done))->run(std::move(request));
}

Outcome Pipeline::run(AnyOperation const& operation, CallRequest request) const {
    // Shared, because the answering thread may still be inside set_value when the future is ready.
    auto const promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    run(operation, std::move(request), [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return future.get();
}

void Pipeline::close() const {
    state_->drain();
}

}  // namespace nexpo::operation
