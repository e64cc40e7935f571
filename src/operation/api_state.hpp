// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nexpo/caller.hpp"
#include "operation/pipeline.hpp"

namespace nexpo::inline v1 {

/// What the handles of one caller share: the way into the pipeline.
struct ApiState {
    std::shared_ptr<void> backend;  ///< Keeps the pipeline alive.
    operation::Pipeline const& pipeline;
    int generation;  ///< Whose threads serve the pipeline.
    operation::Identity identity{};
    CallOptions options{};
    std::string address{};  ///< Of a client behind a door; empty in-process.
    std::string request_id{};
    std::string traceparent{};

    /// The operation with this name. Errors: failed_precondition (`forked`), unimplemented (`operation_unknown`).
    Result<AnyOperation const*> find(std::string_view operation) const;
    /// Calls an operation by name and waits.
    operation::Outcome call(std::string_view operation, operation::Decode decode) const;
    /// Calls an operation; `done` is called once, here or on a thread of the store.
    void start(AnyOperation const& operation, operation::Decode decode, operation::Done done) const;

    /// Calls an operation with its own structs; `Out` is its output type.
    template <class Out, class In>
    Result<Out> call(std::string_view operation, In const& input) const {
        auto outcome = call(operation, [&input](StructType const&) -> Result<std::shared_ptr<void>> {
            return std::shared_ptr<void>(std::make_shared<In>(input));
        });
        if (!outcome.result) return std::move(outcome.result).error();
        return *static_cast<Out const*>(outcome.result->get());
    }

 private:
    operation::CallRequest request(operation::Decode decode) const;
};

}  // namespace nexpo::inline v1
