// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::grpc_host {

/// One broken rule, see proto/nexpo/v1/common.proto.
struct FieldViolation {
    std::string field{};
    std::string rule{};
    std::string message{};
};

/// A call of a stream of inputs that failed, see proto/nexpo/v1/common.proto.
struct BulkFailure {
    std::int64_t index = 0;
    std::int32_t code = 0;
    std::string reason{};
    std::string message{};
    std::vector<FieldViolation> violations{};
    std::optional<std::int64_t> retry_after_ms{};
};

/// What became of a stream of inputs, see proto/nexpo/v1/common.proto.
struct BulkResult {
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::vector<BulkFailure> failures{};
};

StructType describe(Type<FieldViolation>);
StructType describe(Type<BulkFailure>);
StructType describe(Type<BulkResult>);

}  // namespace nexpo::grpc_host
