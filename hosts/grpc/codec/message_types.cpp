// SPDX-License-Identifier: Apache-2.0
#include "grpc/codec/message_types.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace nexpo::grpc_host {

namespace {

namespace pb = google::protobuf;

constexpr std::string_view kUpdateMask = "update_mask";
constexpr std::uint32_t kNumberOfValue = 2;

bool is_message(pb::FieldDescriptor const& wire, std::string_view name) {
    return wire.type() == pb::FieldDescriptor::TYPE_MESSAGE && wire.message_type()->full_name() == name;
}

/// `WebhookOff` becomes `WEBHOOK_OFF_`.
std::string prefix_of(std::string_view name) {
    std::string prefix;
    for (char const c : name) {
        bool const upper = c >= 'A' && c <= 'Z';
        if (upper && !prefix.empty()) prefix += '_';
        prefix += upper || (c >= '0' && c <= '9') ? c : static_cast<char>(c - 'a' + 'A');
    }
    return prefix + '_';
}

std::string upper_case(std::string_view word) {
    std::string text(word);
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

/// Whether what the struct has at first is what protobuf takes for not given.
bool is_zero(ValueType const& type, void const* value) {
    switch (type.kind) {
        case Kind::boolean:
            return !*static_cast<bool const*>(value);
        case Kind::integer:
            return type.integer(value) == 0;
        case Kind::number:
            return *static_cast<double const*>(value) == 0;
        case Kind::text:
            return type.text(value).empty();
        case Kind::bytes:
            return static_cast<Bytes const*>(value)->empty();
        default:
            return true;
    }
}

char const* wanted_scalar(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "bool";
        case Kind::integer:
            return "int32 or int64";
        case Kind::number:
            return "double";
        case Kind::bytes:
            return "bytes";
        default:
            return "string";
    }
}

bool is_wanted_scalar(Kind kind, pb::FieldDescriptor::Type wire) {
    switch (kind) {
        case Kind::boolean:
            return wire == pb::FieldDescriptor::TYPE_BOOL;
        case Kind::integer:
            return wire == pb::FieldDescriptor::TYPE_INT64 || wire == pb::FieldDescriptor::TYPE_INT32;
        case Kind::number:
            return wire == pb::FieldDescriptor::TYPE_DOUBLE;
        case Kind::bytes:
            return wire == pb::FieldDescriptor::TYPE_BYTES;
        default:
            return wire == pb::FieldDescriptor::TYPE_STRING;
    }
}

}  // namespace

MessageType const& MessageTypes::pair(pb::Descriptor const& message, StructType const& type, Use use) {
    auto& slot = made_[{&message, &type}];
    if (slot != nullptr) return *slot;
    slot = std::make_unique<MessageType>();
    auto& made = *slot;
    made.name = message.full_name();
    made.structure = &type;
    made.fields.reserve(type.fields().size());
    bool has_patches = false;
    for (auto const& field : type.fields()) {
        has_patches = has_patches || field.type().kind == Kind::patch;
        if (auto const* wire = message.FindFieldByName(field.name())) {
            add_field(made, *wire, field, use);
        } else {
            report(made.name + " has no field " + field.name());
        }
    }
    for (int i = 0; i < message.field_count(); ++i) {
        auto const& wire = *message.field(i);
        if (wire.name() == kUpdateMask && is_message(wire, "google.protobuf.FieldMask") && has_patches) {
            made.update_mask = static_cast<std::uint32_t>(wire.number());
        } else if (type.find(wire.name()) == nullptr) {
            report(wire.full_name() + " is no field of " + type.name());
        }
    }
    if (has_patches && made.update_mask == 0) report(made.name + " has no update_mask");
    if (made.fields.size() > MessageType::kMostFields) report(made.name + " has too many fields");
    return made;
}

void MessageTypes::add_field(MessageType& made, pb::FieldDescriptor const& wire, Field const& field, Use use) {
    MessageField out{.number = static_cast<std::uint32_t>(wire.number()), .field = &field, .name = field.name()};
    auto const* type = &field.type();
    if (type->kind == Kind::optional || type->kind == Kind::patch) {
        out.shape = type->kind == Kind::optional ? Shape::optional : Shape::patch;
        type = type->element;
    }
    out.has_presence = wire.has_presence();
    auto const* element = &wire;
    if (type->kind == Kind::list || type->kind == Kind::map) {
        bool const is_map = type->kind == Kind::map;
        if (is_map != wire.is_map() || !wire.is_repeated()) {
            return report(wire.full_name() + (is_map ? " is no map" : " is not repeated"));
        }
        out.many = type;
        type = type->element;
        if (is_map) element = wire.message_type()->FindFieldByNumber(kNumberOfValue);
        if (is_map && wire.message_type()->FindFieldByNumber(1)->type() != pb::FieldDescriptor::TYPE_STRING) {
            return report(wire.full_name() + " has keys that are no strings");
        }
    } else if (wire.is_repeated()) {
        return report(wire.full_name() + " is repeated");
    } else {
        check_presence(wire, field, *made.structure, use);
    }
    if (fill_value(out.value, *element, field, *type, use)) made.fields.push_back(std::move(out));
}

void MessageTypes::check_presence(pb::FieldDescriptor const& wire, Field const& field, StructType const& type,
                                  Use use) {
    if (wire.has_presence()) return;
    auto const kind = field.type().kind;
    if (kind == Kind::enumeration) return;  // zero is no word
    bool const wanted = kind == Kind::optional || kind == Kind::patch;
    bool const has_zero = kind == Kind::boolean || kind == Kind::integer || kind == Kind::number;
    bool const input = use == Use::input && !field.is_read_only();
    auto const* initial = static_cast<char const*>(type.defaults()) + field.offset();
    bool const differs = input && (!is_zero(field.type(), initial) || (field.is_required() && has_zero));
    if (wanted || differs) report(wire.full_name() + " is not optional");
}

bool MessageTypes::fill_value(WireValue& value, pb::FieldDescriptor const& wire, Field const& field,
                              ValueType const& type, Use use) {
    value.type = &type;
    auto const refuse = [&](std::string const& wanted) {
        report(wire.full_name() + " is no " + wanted);
        return false;
    };
    switch (type.kind) {
        case Kind::timestamp:
            return is_message(wire, "google.protobuf.Timestamp") || refuse("google.protobuf.Timestamp");
        case Kind::json:
            value.is_struct = is_message(wire, "google.protobuf.Struct");
            return value.is_struct || is_message(wire, "google.protobuf.Value") || refuse("google.protobuf.Value");
        case Kind::enumeration:
            value.wire = WireType::varint;
            if (wire.type() != pb::FieldDescriptor::TYPE_ENUM) return refuse("enum");
            return fill_enum(value, *wire.enum_type(), type);
        case Kind::object:
            if (wire.type() != pb::FieldDescriptor::TYPE_MESSAGE) return refuse("message");
            value.message = &pair(*wire.message_type(), type.structure(), use);
            return true;
        case Kind::variant:
            if (wire.type() != pb::FieldDescriptor::TYPE_MESSAGE) return refuse("message");
            value.message = pair_variant(*wire.message_type(), field, type, use);
            return value.message != nullptr;
        case Kind::list:
        case Kind::map:
        case Kind::optional:
        case Kind::patch:
            return refuse("message around what is within the list");
        default:
            break;
    }
    if (type.kind == Kind::integer || type.kind == Kind::boolean) value.wire = WireType::varint;
    if (type.kind == Kind::number) value.wire = WireType::fixed64;
    return is_wanted_scalar(type.kind, wire.type()) || refuse(wanted_scalar(type.kind));
}

bool MessageTypes::fill_enum(WireValue& value, pb::EnumDescriptor const& wire, ValueType const& type) {
    auto const prefix = prefix_of(wire.name());
    auto const* zero = wire.FindValueByNumber(0);
    if (zero == nullptr || zero->name() != prefix + "UNSPECIFIED") {
        report(wire.full_name() + " has no " + prefix + "UNSPECIFIED = 0");
    }
    for (std::size_t word = 0; word < type.names.size(); ++word) {
        auto const name = prefix + upper_case(type.names[word]);
        auto const* found = wire.FindValueByName(name);
        if (found == nullptr || found->number() <= 0) {
            report(wire.full_name() + " has no value " + name);
            value.numbers.push_back(0);
            continue;
        }
        value.numbers.push_back(found->number());
        auto const number = static_cast<std::size_t>(found->number());
        if (value.positions.size() <= number) value.positions.resize(number + 1, -1);
        value.positions[number] = static_cast<std::int32_t>(word);
    }
    for (int i = 0; i < wire.value_count(); ++i) {
        auto const number = wire.value(i)->number();
        if (number != 0 && std::ranges::find(value.numbers, number) == value.numbers.end()) {
            report(wire.value(i)->full_name() + " is no word of its enumeration");
        }
    }
    return true;
}

/// A variant is a message whose fields are one oneof, named as the alternatives are in JSON.
MessageType const* MessageTypes::pair_variant(pb::Descriptor const& message, Field const& field, ValueType const& type,
                                              Use use) {
    auto& slot = made_[{&message, &type}];
    if (slot != nullptr) return slot.get();
    slot = std::make_unique<MessageType>();
    auto& made = *slot;
    made.name = message.full_name();
    if (message.real_oneof_decl_count() != 1 || message.oneof_decl(0)->field_count() != message.field_count()) {
        report(made.name + " is not one oneof");
    }
    for (std::size_t i = 0; i < type.alternatives.size(); ++i) {
        auto const& tag = field.tag_names().at(i);
        auto const* wire = message.FindFieldByName(tag);
        MessageField out{.name = tag};
        if (wire == nullptr) {
            report(made.name + " has no field " + tag);
        } else {
            out.number = static_cast<std::uint32_t>(wire->number());
            fill_value(out.value, *wire, field, *type.alternatives[i], use);
        }
        made.fields.push_back(std::move(out));
    }
    if (static_cast<std::size_t>(message.field_count()) != type.alternatives.size()) {
        report(made.name + " has fields that are no alternative of " + field.name());
    }
    return &made;
}

void MessageTypes::report(std::string problem) {
    if (std::ranges::find(problems_, problem) == problems_.end()) problems_.push_back(std::move(problem));
}

}  // namespace nexpo::grpc_host
