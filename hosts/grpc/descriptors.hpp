// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace google::protobuf {
class FileDescriptor;
}

namespace nexpo::grpc_host {

/// The files in proto/nexpo/v1, compiled into the program and made known to protobuf, where reflection finds them.
/// Thread-safe.
std::vector<google::protobuf::FileDescriptor const*> const& proto_files();

/// What protoc made of the files: a `google.protobuf.FileDescriptorSet`.
std::string_view proto_descriptors();

}  // namespace nexpo::grpc_host
