// SPDX-License-Identifier: Apache-2.0
#include "unit/grpc/codec_sample.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <stdexcept>

#include "codec_sample.pb.h"

namespace nexpo::codec_sample {

grpc_host::MessageType const& sample_message() {
    static grpc_host::MessageTypes types;
    static auto const& type = types.pair(*nexpo_codec_sample::Sample::descriptor(), struct_type<Sample>(),
                                         grpc_host::MessageTypes::Use::input);
    if (!types.problems().empty()) throw std::logic_error(types.problems().front());
    return type;
}

std::optional<std::string> protobufs_view(std::string_view bytes) {
    nexpo_codec_sample::Sample sample;
    if (!sample.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
    std::string out;
    {
        google::protobuf::io::StringOutputStream stream(&out);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        sample.SerializeToCodedStream(&coded);
    }
    return out;
}

}  // namespace nexpo::codec_sample
