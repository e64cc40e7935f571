// SPDX-License-Identifier: Apache-2.0
#include "operation/api_state.hpp"

#include "base/process.hpp"

namespace nexpo::inline v1 {

Result<AnyOperation const*> ApiState::find(std::string_view operation) const {
    if (base::process_generation() != generation) {
        return Error{Errc::failed_precondition, "forked", "a forked process must open its own backend"};
    }
    auto const* found = pipeline.find(operation);
    if (found == nullptr) {
        return Error{Errc::unimplemented, "operation_unknown",
                     "there is no operation " + std::string(operation.substr(0, 100))};
    }
    return found;
}

operation::CallRequest ApiState::request(operation::Decode decode) const {
    return {.identity = identity,
            .address = address,
            .options = options,
            .request_id = request_id,
            .traceparent = traceparent,
            .decode = std::move(decode)};
}

operation::Outcome ApiState::call(std::string_view operation, operation::Decode decode) const {
    auto const found = find(operation);
    if (!found) return {.result = found.error()};
    return pipeline.run(**found, request(std::move(decode)));
}

void ApiState::start(AnyOperation const& operation, operation::Decode decode, operation::Done done) const {
    pipeline.run(operation, request(std::move(decode)), std::move(done));
}

}  // namespace nexpo::inline v1
