// SPDX-License-Identifier: Apache-2.0
#include "parity/proto_json.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>

#include <stdexcept>

namespace nexpo::parity {

namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

constexpr int kFirstUnknown = 9'000;

bool is_a(Field const& field, char const* name) {
    return field.type() == Field::TYPE_MESSAGE && field.message_type()->full_name() == name;
}

std::string words_prefix(pb::EnumDescriptor const& type) {
    auto const& zero = type.FindValueByNumber(0)->name();
    return zero.substr(0, zero.size() - std::string("UNSPECIFIED").size());
}

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// Protobuf's own reading of `Value`, `Timestamp` and so on.
void from_protos_json(pb::Message& message, Json const& json) {
    if (!pb::util::JsonStringToMessage(json.dump(), &message).ok()) throw std::runtime_error("no " + json.dump());
}

void set_timestamp(pb::Message& message, Json const& json) {
    auto const time = json.if_string() != nullptr ? parse_timestamp(*json.if_string()) : Error{};
    auto const* seconds = message.GetDescriptor()->FindFieldByName("seconds");
    if (time) return from_protos_json(message, json);
    message.GetReflection()->SetInt64(&message, seconds, std::int64_t{1} << 60);  // none that there is
}

/// A value of a type that the field does not have.
void set_wrong(pb::Message& message, Field const& field, Json const& json) {
    auto* unknown = message.GetReflection()->MutableUnknownFields(&message);
    bool const is_text =
        field.type() == Field::TYPE_STRING || field.type() == Field::TYPE_MESSAGE || field.type() == Field::TYPE_BYTES;
    if (is_text) {
        unknown->AddVarint(field.number(), 7);
    } else {
        unknown->AddLengthDelimited(field.number(), json.dump());
    }
}

void set_one(pb::Message& message, Field const& field, Json const& json, UnknownMembers& unknown) {
    auto const& reflection = *message.GetReflection();
    bool const many = field.is_repeated();
    auto const child = [&] {
        return many ? reflection.AddMessage(&message, &field) : reflection.MutableMessage(&message, &field);
    };
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            if (json.if_string() == nullptr) return set_wrong(message, field, json);
            many ? reflection.AddString(&message, &field, *json.if_string())
                 : reflection.SetString(&message, &field, *json.if_string());
            return;
        case Field::CPPTYPE_BOOL:
            if (json.if_boolean() == nullptr) return set_wrong(message, field, json);
            return reflection.SetBool(&message, &field, *json.if_boolean());
        case Field::CPPTYPE_INT32:
            if (json.if_integer() == nullptr) return set_wrong(message, field, json);
            return reflection.SetInt32(&message, &field, static_cast<std::int32_t>(*json.if_integer()));
        case Field::CPPTYPE_INT64:
            if (json.if_integer() == nullptr) return set_wrong(message, field, json);
            return reflection.SetInt64(&message, &field, *json.if_integer());
        case Field::CPPTYPE_ENUM: {
            constexpr int kNone = 99;
            auto const* word = json.if_string();
            if (word == nullptr) return set_wrong(message, field, json);
            auto const& type = *field.enum_type();
            auto const* value = type.FindValueByName(words_prefix(type) + upper(*word));
            return reflection.SetEnumValue(&message, &field, value == nullptr ? kNone : value->number());
        }
        case Field::CPPTYPE_MESSAGE:
            if (is_a(field, "google.protobuf.Timestamp")) return set_timestamp(*child(), json);
            if (is_a(field, "google.protobuf.Value")) return from_protos_json(*child(), json);
            return fill_message(*child(), json, unknown);
        default:
            throw std::logic_error(field.full_name() + " is of a type that no test has had yet");
    }
}

Json value_of(pb::Message const& message, Field const& field, int index, ValueType const& type);

Json to_json(pb::Message const& message, Field const& field, ValueType const& type) {
    auto const& reflection = *message.GetReflection();
    if (type.kind == Kind::optional) {
        if (!field.is_repeated() && !reflection.HasField(message, &field)) return {};
        return to_json(message, field, *type.element);
    }
    if (!field.is_repeated()) return value_of(message, field, -1, type);
    Json list(Json::Array{});
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
        list.append(value_of(message, field, i, *type.element));
    }
    return list;
}

Json value_of(pb::Message const& message, Field const& field, int index, ValueType const& type) {
    auto const& reflection = *message.GetReflection();
    bool const many = index >= 0;
    switch (field.cpp_type()) {
        case Field::CPPTYPE_STRING:
            return many ? reflection.GetRepeatedString(message, &field, index) : reflection.GetString(message, &field);
        case Field::CPPTYPE_BOOL:
            return reflection.GetBool(message, &field);
        case Field::CPPTYPE_INT32:
            return std::int64_t{reflection.GetInt32(message, &field)};
        case Field::CPPTYPE_INT64:
            return reflection.GetInt64(message, &field);
        case Field::CPPTYPE_ENUM: {
            auto const* value = reflection.GetEnum(message, &field);
            return lower(value->name().substr(words_prefix(*field.enum_type()).size()));
        }
        case Field::CPPTYPE_MESSAGE: {
            auto const& child =
                many ? reflection.GetRepeatedMessage(message, &field, index) : reflection.GetMessage(message, &field);
            if (type.kind == Kind::object) return parity::to_json(child, type.structure());
            std::string text;
            if (!pb::util::MessageToJsonString(child, &text).ok()) throw std::runtime_error(field.full_name());
            auto json = Json::parse(text).value();
            // Protobuf writes 3, 6 or 9 digits behind the second, we write as many as there are.
            if (type.kind == Kind::timestamp) return to_string(parse_timestamp(*json.if_string()).value());
            return json;
        }
        default:
            throw std::logic_error(field.full_name() + " is of a type that no test has had yet");
    }
}

}  // namespace

void fill_message(pb::Message& message, Json const& json, UnknownMembers& unknown) {
    auto const& type = *message.GetDescriptor();
    auto const* mask = type.FindFieldByName("update_mask");
    bool has_null = false;
    for (auto const& [name, member] : *json.if_object()) has_null = has_null || member.is_null();
    for (auto const& [name, member] : *json.if_object()) {
        auto const* field = type.FindFieldByName(name);
        if (field == nullptr) {
            auto const number = kFirstUnknown + static_cast<int>(unknown.size());
            unknown[number] = name;
            message.GetReflection()->MutableUnknownFields(&message)->AddVarint(number, 1);
            continue;
        }
        if (mask != nullptr && has_null && field->number() != 1) {
            auto* paths = message.GetReflection()->MutableMessage(&message, mask);
            paths->GetReflection()->AddString(paths, paths->GetDescriptor()->FindFieldByName("paths"), name);
        }
        if (member.is_null()) continue;
        if (!field->is_repeated()) {
            set_one(message, *field, member, unknown);
        } else if (auto const* elements = member.if_array()) {
            for (auto const& element : *elements) set_one(message, *field, element, unknown);
        } else {
            set_wrong(message, *field, member);
        }
    }
}

Json to_json(pb::Message const& message, StructType const& type) {
    Json json(Json::Object{});
    for (auto const& field : type.fields()) {
        auto const* wire = message.GetDescriptor()->FindFieldByName(field.name());
        if (wire == nullptr) throw std::logic_error(type.name() + "." + field.name() + " has no field");
        json.set(field.name(), to_json(message, *wire, field.type()));
    }
    return json;
}

}  // namespace nexpo::parity
