// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "nexpo/error.hpp"

namespace nexpo::grpc_host {

/// `/emails/1/address` as google.rpc.BadRequest writes paths: `emails[1].address`. Names that are not of letters,
/// digits and underscores stand in brackets and quotes, so that the way back is possible.
std::string field_path(std::string_view pointer);

/// The error as a `google.rpc.Status` with `ErrorInfo`, `BadRequest`, `RetryInfo` and `RequestInfo` (AIP-193), for
/// `grpc-status-details-bin`.
std::string status_details(Error const& error, std::string_view request_id);

}  // namespace nexpo::grpc_host
