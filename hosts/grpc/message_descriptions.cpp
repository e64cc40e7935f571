// SPDX-License-Identifier: Apache-2.0
#include "grpc/bulk_result.hpp"
#include "grpc/invoke_messages.hpp"

namespace nexpo::grpc_host {

StructType describe(Type<FieldViolation>) {
    return structure<FieldViolation>("FieldViolation", field("field", &FieldViolation::field),
                                     field("rule", &FieldViolation::rule), field("message", &FieldViolation::message));
}

StructType describe(Type<BulkFailure>) {
    return structure<BulkFailure>("BulkFailure", field("index", &BulkFailure::index), field("code", &BulkFailure::code),
                                  field("reason", &BulkFailure::reason), field("message", &BulkFailure::message),
                                  field("violations", &BulkFailure::violations),
                                  field("retry_after_ms", &BulkFailure::retry_after_ms));
}

StructType describe(Type<BulkResult>) {
    return structure<BulkResult>("BulkResult", field("succeeded", &BulkResult::succeeded),
                                 field("failed", &BulkResult::failed), field("failures", &BulkResult::failures));
}

StructType describe(Type<InvokeOperation>) {
    return structure<InvokeOperation>("InvokeOperation",
                                      field("operation", &InvokeOperation::operation).required().max(200),
                                      field("input", &InvokeOperation::input));
}

StructType describe(Type<OperationOutput>) {
    return structure<OperationOutput>("OperationOutput", field("output", &OperationOutput::output));
}

}  // namespace nexpo::grpc_host
