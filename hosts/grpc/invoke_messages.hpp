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

/// Input of `Operations.Metrics`.
struct GetMetrics {};

/// Output of `Operations.Metrics`.
struct MetricsText {
    std::string text{};
};

StructType describe(Type<InvokeOperation>);
StructType describe(Type<OperationOutput>);
StructType describe(Type<GetMetrics>);
StructType describe(Type<MetricsText>);

}  // namespace nexpo::grpc_host
