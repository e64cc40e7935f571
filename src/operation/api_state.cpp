// SPDX-License-Identifier: Apache-2.0
#include "operation/api_state.hpp"

#include "base/process.hpp"

namespace nexpo::inline v1 {

operation::Outcome ApiState::call(std::string_view operation, operation::Decode decode) const {
    if (base::process_generation() != generation) {
        return {.result = Error{Errc::failed_precondition, "forked", "a forked process must open its own backend"}};
    }
    auto const* found = pipeline.find(operation);
    if (found == nullptr) {
        return {.result = Error{Errc::unimplemented, "operation_unknown",
                                "there is no operation " + std::string(operation.substr(0, 100))}};
    }
    return pipeline.run(*found, {.identity = identity, .options = options, .decode = std::move(decode)});
}

}  // namespace nexpo::inline v1
