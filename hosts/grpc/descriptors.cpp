// SPDX-License-Identifier: Apache-2.0
#include "grpc/descriptors.hpp"

#include <google/protobuf/descriptor.h>

#include <stdexcept>
#include <string>

#include "grpc/codec/wire.hpp"

namespace nexpo::grpc_host {

namespace {

namespace pb = google::protobuf;

constexpr std::uint32_t kFile = 1;  // of a FileDescriptorSet
constexpr std::uint32_t kName = 1;  // of a FileDescriptorProto

/// The next field with this number of a message that protoc has made.
std::string_view take(WireReader& reader, std::uint32_t number) {
    while (!reader.at_end()) {
        auto const tag = reader.tag();
        if (!tag) break;
        if (tag->number != number || tag->type != WireType::bytes) {
            if (!reader.skip(*tag)) break;
            continue;
        }
        if (auto const bytes = reader.bytes()) return *bytes;
        break;
    }
    throw std::logic_error("the program's descriptors are damaged");
}

std::vector<pb::FileDescriptor const*> load() {
    // protoc's own code for C++ would put its classes into namespace nexpo::v1, where the library's structs are. It
    // makes its files known by the same function.
    std::vector<std::string> names;
    WireReader set(proto_descriptors());
    while (!set.at_end()) {
        auto const file = take(set, kFile);
        WireReader fields(file);
        names.emplace_back(take(fields, kName));
        pb::DescriptorPool::InternalAddGeneratedFile(file.data(), static_cast<int>(file.size()));
    }
    std::vector<pb::FileDescriptor const*> files;
    for (auto const& name : names) {
        files.push_back(pb::DescriptorPool::generated_pool()->FindFileByName(name));
        if (files.back() == nullptr) throw std::logic_error("protobuf does not take " + name);
    }
    return files;
}

}  // namespace

std::vector<pb::FileDescriptor const*> const& proto_files() {
    static auto const files = load();
    return files;
}

}  // namespace nexpo::grpc_host
