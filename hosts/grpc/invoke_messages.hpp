// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nexpo/describe.hpp"

namespace nexpo::grpc_host {

/// Input of `Operations.Invoke`, see proto/nexpo/v1/operations.proto.
struct InvokeOperation {
    std::string operation{};
    Json input{};
};

/// Output of `Operations.Invoke`, see proto/nexpo/v1/operations.proto.
struct OperationOutput {
    Json output{};
};

StructType describe(Type<InvokeOperation>);
StructType describe(Type<OperationOutput>);

}  // namespace nexpo::grpc_host
