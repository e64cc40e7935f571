// SPDX-License-Identifier: Apache-2.0
#include "grpc/grpc_service.hpp"

#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include "grpc/calls.hpp"

namespace nexpo::grpc_host {

namespace {

using grpc::ByteBuffer;
using Context = grpc::CallbackServerContext;
using grpc::internal::RpcMethod;

RpcMethod::RpcType type_of(MethodKind kind) {
    switch (kind) {
        case MethodKind::list:
        case MethodKind::events:
            return RpcMethod::SERVER_STREAMING;
        case MethodKind::bulk:
            return RpcMethod::CLIENT_STREAMING;
        case MethodKind::call:
        case MethodKind::invoke:
            break;
    }
    return RpcMethod::NORMAL_RPC;
}

/// As the code of grpc_cpp_plugin for `WithRawCallbackMethod` has it; gRPC takes it over.
grpc::internal::MethodHandler* make_handler(Door& door, Method const& method) {
    switch (method.kind) {
        case MethodKind::list:
            return new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                [&](Context* context, ByteBuffer const* request) {
                    return begin_list(door, method, *context, *request);
                });
        case MethodKind::events:
            return new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                [&](Context* context, ByteBuffer const* request) {
                    return begin_events(door, method, *context, *request);
                });
        case MethodKind::bulk:
            return new grpc::internal::CallbackClientStreamingHandler<ByteBuffer, ByteBuffer>(
                [&](Context* context, ByteBuffer* response) { return begin_bulk(door, method, *context, *response); });
        case MethodKind::call:
        case MethodKind::invoke:
            break;
    }
    return new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
        [&](Context* context, ByteBuffer const* request, ByteBuffer* response) {
            return begin_unary(door, method, *context, *request, *response);
        });
}

}  // namespace

GrpcService::GrpcService(Door& door, ServiceMethods const& service) {
    int index = 0;
    for (auto const& method : service.methods) {
        AddMethod(new grpc::internal::RpcServiceMethod(method.path.c_str(), type_of(method.kind), nullptr));
        MarkMethodRawCallback(index++, make_handler(door, method));
    }
}

}  // namespace nexpo::grpc_host
