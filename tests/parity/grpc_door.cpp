// SPDX-License-Identifier: Apache-2.0
#include "parity/grpc_door.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <future>
#include <stdexcept>

#include "grpc/codec/wire.hpp"
#include "grpc/grpc_server.hpp"
#include "grpc/method_table.hpp"
#include "parity/proto_json.hpp"

namespace nexpo::parity {

namespace {

namespace pb = google::protobuf;
using grpc_host::WireReader;
using grpc_host::WireType;

/// All fields of a message that are texts or messages, by number.
std::multimap<std::uint32_t, std::string_view> pieces(std::string_view bytes) {
    std::multimap<std::uint32_t, std::string_view> found;
    WireReader reader(bytes);
    while (auto const tag = reader.tag()) {
        if (tag->type != WireType::bytes) {
            reader.skip(*tag);
        } else {
            found.emplace(tag->number, reader.bytes().value());
        }
    }
    return found;
}

std::string piece(std::string_view bytes, std::uint32_t number) {
    auto const found = pieces(bytes);
    auto const at = found.find(number);
    return at == found.end() ? std::string() : std::string(at->second);
}

/// `events[2].name` as a JSON pointer.
std::string pointer_of(std::string path, UnknownMembers const& unknown) {
    std::string pointer;
    for (char const c : path) {
        if (c == '[' || c == '.') pointer += '/';
        if (c != '[' && c != ']' && c != '.' && c != '"') pointer += c;
    }
    if (!pointer.empty() && !pointer.starts_with('/')) pointer.insert(0, "/");
    for (auto const& [number, name] : unknown) {
        if (pointer == '/' + std::to_string(number)) return '/' + name;
    }
    return pointer;
}

Error to_error(grpc::Status const& status, UnknownMembers const& unknown) {
    Error error{.code = static_cast<Errc>(status.error_code()), .message = status.error_message()};
    auto const details = status.error_details();
    for (auto const& [number, any] : pieces(details)) {
        if (number != 3) continue;
        auto const type = piece(any, 1);
        auto const content = piece(any, 2);
        if (type.ends_with("google.rpc.ErrorInfo")) error.reason = piece(content, 1);
        if (!type.ends_with("google.rpc.BadRequest")) continue;
        for (auto const& [one, violation] : pieces(content)) {
            error.violations.push_back(
                {pointer_of(piece(violation, 1), unknown), piece(violation, 3), piece(violation, 2)});
        }
    }
    return error;
}

class GrpcDoor final : public Door {
 public:
    explicit GrpcDoor(Backend const& backend) : backend_(backend), methods_(backend) {
        if (!methods_.problems().empty()) throw std::logic_error(methods_.problems().front());
    }

    std::string_view name() const override { return "grpc"; }
    bool carries(OperationKind) const override { return true; }
    bool offers(OperationInfo const& operation) const override { return find(operation) != nullptr; }
    Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const override {
        auto const& method = *find(operation);
        auto full_name = method.path.substr(1);
        std::ranges::replace(full_name, '/', '.');
        auto const* wire = pb::DescriptorPool::generated_pool()->FindMethodByName(full_name);
        UnknownMembers unknown;
        std::unique_ptr<pb::Message> const request(factory_.GetPrototype(wire->input_type())->New());
        fill_message(*request, input, unknown);
        std::string answer;
        auto const status = send(method.path, token, request->SerializeAsString(), answer);
        if (!status.ok()) return to_error(status, unknown);
        std::unique_ptr<pb::Message> const response(factory_.GetPrototype(wire->output_type())->New());
        if (!response->ParseFromString(answer)) throw std::runtime_error("the answer is no " + full_name);
        if (!response->GetReflection()->GetUnknownFields(*response).empty()) {
            throw std::runtime_error(full_name + " answers with more than it has");
        }
        return to_json(*response, *backend_.operation_types(operation.name)->output);
    }

 private:
    grpc_host::Method const* find(OperationInfo const& operation) const {
        for (auto const& service : methods_.services()) {
            for (auto const& method : service.methods) {
                bool const plain =
                    method.kind == grpc_host::MethodKind::call || method.kind == grpc_host::MethodKind::events;
                if (plain && method.operation == operation.name) return &method;
            }
        }
        return nullptr;
    }

    grpc::Status send(std::string const& path, std::string const& token, std::string const& bytes,
                      std::string& answer) const {
        start();
        grpc::ClientContext context;
        if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
        grpc::Slice const slice(bytes);
        grpc::ByteBuffer const request(&slice, 1);
        grpc::ByteBuffer response;
        std::promise<grpc::Status> done;
        grpc::GenericStub stub(channel_);
        stub.UnaryCall(&context, path, {}, &request, &response,
                       [&done](grpc::Status status) { done.set_value(std::move(status)); });
        auto status = done.get_future().get();
        grpc::Slice whole;
        if (status.ok() && response.DumpToSingleSlice(&whole).ok()) {
            answer.assign(reinterpret_cast<char const*>(whole.begin()), whole.size());
        }
        return status;
    }

    /// A server of its own, as soon as it is needed.
    void start() const {
        if (server_ != nullptr) return;
        grpc_host::GrpcSettings settings;
        settings.grpc.port = 0;
        server_ = grpc_host::GrpcServer::start(settings, {}, backend_, {}).value();
        channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    }

    Backend backend_;
    grpc_host::MethodTable methods_;
    mutable pb::DynamicMessageFactory factory_;
    mutable std::unique_ptr<grpc_host::GrpcServer> server_;
    mutable std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace

std::unique_ptr<Door> open_grpc_door(Backend const& backend) {
    return std::make_unique<GrpcDoor>(backend);
}

}  // namespace nexpo::parity
