// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grpc/call_frame.hpp"

namespace nexpo::grpc_host {

// Each begins one call of a method of its kind; what it answers with lives until gRPC is done with it. The arguments
// live as long.

/// MethodKind::call and invoke.
grpc::ServerUnaryReactor* begin_unary(Door& door, Method const& method, grpc::CallbackServerContext& context,
                                      grpc::ByteBuffer const& request, grpc::ByteBuffer& response);
/// MethodKind::list.
grpc::ServerWriteReactor<grpc::ByteBuffer>* begin_list(Door& door, Method const& method,
                                                       grpc::CallbackServerContext& context,
                                                       grpc::ByteBuffer const& request);
/// MethodKind::bulk.
grpc::ServerReadReactor<grpc::ByteBuffer>* begin_bulk(Door& door, Method const& method,
                                                      grpc::CallbackServerContext& context, grpc::ByteBuffer& response);
/// MethodKind::events.
grpc::ServerWriteReactor<grpc::ByteBuffer>* begin_events(Door& door, Method const& method,
                                                         grpc::CallbackServerContext& context,
                                                         grpc::ByteBuffer const& request);

}  // namespace nexpo::grpc_host
