// SPDX-License-Identifier: Apache-2.0
#include "grpc/method_table.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "grpc/bulk_result.hpp"
#include "grpc/descriptors.hpp"
#include "grpc/invoke_messages.hpp"

namespace nexpo::grpc_host {

namespace {

namespace pb = google::protobuf;
using Use = MessageTypes::Use;

constexpr int kOperationOption = 50'723;  // the extension in proto/nexpo/v1/common.proto

/// The option `(nexpo.v1.operation)`. There is no code of protoc's for it, so protobuf keeps it as it came.
std::string operation_of(pb::MethodDescriptor const& method) {
    auto const& options = method.options();
    auto const& fields = options.GetReflection()->GetUnknownFields(options);
    for (int i = 0; i < fields.field_count(); ++i) {
        auto const& field = fields.field(i);
        if (field.number() == kOperationOption && field.type() == pb::UnknownField::TYPE_LENGTH_DELIMITED) {
            return field.length_delimited();
        }
    }
    return {};
}

std::optional<MethodKind> kind_of(pb::MethodDescriptor const& method, OperationKind operation) {
    if (method.client_streaming() && method.server_streaming()) return std::nullopt;
    if (operation == OperationKind::stream) {
        if (method.server_streaming()) return MethodKind::events;
        return std::nullopt;
    }
    if (method.client_streaming()) return MethodKind::bulk;
    return method.server_streaming() ? MethodKind::list : MethodKind::call;
}

/// The type of a page's elements, or nullptr when it is no page.
StructType const* element_of(StructType const& page) {
    auto const* items = page.find("items");
    bool const fits = items != nullptr && items->type().kind == Kind::list && page.find("next") != nullptr &&
                      items->type().element->kind == Kind::object;
    return fits ? &items->type().element->structure() : nullptr;
}

}  // namespace

MethodTable::MethodTable(Backend const& backend) {
    auto const operations = backend.operations();
    for (auto const* file : proto_files()) {
        for (int i = 0; i < file->service_count(); ++i) add_service(backend, file->service(i), operations);
    }
    problems_.insert(problems_.end(), types_.problems().begin(), types_.problems().end());
}

void MethodTable::add_service(Backend const& backend, void const* descriptor,
                              std::vector<OperationInfo> const& operations) {
    auto const& service = *static_cast<pb::ServiceDescriptor const*>(descriptor);
    auto& made = services_.emplace_back(ServiceMethods{.name = service.full_name()});
    for (int i = 0; i < service.method_count(); ++i) {
        auto const& wire = *service.method(i);
        Method method{.path = '/' + service.full_name() + '/' + wire.name(), .operation = operation_of(wire)};
        auto const refuse = [&](std::string const& problem) { problems_.push_back(wire.full_name() + problem); };
        if (method.operation.empty()) {
            method.kind = MethodKind::invoke;
            method.input = &types_.pair(*wire.input_type(), struct_type<InvokeOperation>(), Use::input);
            method.output = &types_.pair(*wire.output_type(), struct_type<OperationOutput>(), Use::output);
            made.methods.push_back(std::move(method));
            continue;
        }
        auto const info = std::ranges::find(operations, method.operation, &OperationInfo::name);
        auto const types = backend.operation_types(method.operation);
        if (info == operations.end() || !types) {
            refuse(" names no operation: " + method.operation);
            continue;
        }
        auto const kind = kind_of(wire, info->kind);
        if (!kind) {
            refuse(" streams what it should not");
            continue;
        }
        method.kind = *kind;
        method.may_block = info->may_block;
        method.input = &types_.pair(*wire.input_type(), *types->input, Use::input);
        auto const* blocking =
            info->blocking_field.empty() ? nullptr : wire.input_type()->FindFieldByName(info->blocking_field);
        if (blocking != nullptr) method.blocking_field = static_cast<std::uint32_t>(blocking->number());
        auto const* output = types->output;
        if (method.kind == MethodKind::bulk) output = &struct_type<BulkResult>();
        if (method.kind == MethodKind::list) {
            method.page = output;
            output = element_of(*output);
        }
        if (output == nullptr) {
            refuse(" streams what is no list");
            continue;
        }
        method.output = &types_.pair(*wire.output_type(), *output, Use::output);
        made.methods.push_back(std::move(method));
    }
}

}  // namespace nexpo::grpc_host
