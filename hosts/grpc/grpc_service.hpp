// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include "grpc/door.hpp"

namespace nexpo::grpc_host {

/// One service of the table as gRPC sees it: raw messages in, raw messages out.
class GrpcService final : public grpc::Service {
 public:
    GrpcService(Door& door, ServiceMethods const& service);
};

}  // namespace nexpo::grpc_host
