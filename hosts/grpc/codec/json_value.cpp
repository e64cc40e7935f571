// SPDX-License-Identifier: Apache-2.0
// JSON as google/protobuf/struct.proto has it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_set>

#include "grpc/codec/message_codec.hpp"

namespace nexpo::grpc_host {

namespace {

/// The fields of `Value`, `Struct`, its entries and `ListValue`.
enum Number : std::uint32_t {
    kNull = 1,
    kNumber = 2,
    kString = 3,
    kBool = 4,
    kStruct = 5,
    kList = 6,
    kMembers = 1,
    kKey = 1,
    kMember = 2,
    kElements = 1
};

constexpr double kMaxExact = 9'007'199'254'740'991;  // 2^53 - 1

bool fits(Tag tag, std::uint32_t number, WireType type) {
    return tag.number == number && tag.type == type;
}

Json number_of(double number) {
    bool const whole = std::abs(number) <= kMaxExact && std::trunc(number) == number;
    return whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
}

bool read_list(std::string_view bytes, Json& out, int level) {
    out = Json::Array{};
    auto& elements = *out.if_array();
    WireReader reader(bytes);
    while (!reader.at_end()) {
        auto const tag = reader.tag();
        if (!tag || !fits(*tag, kElements, WireType::bytes)) return false;
        auto const element = reader.bytes();
        if (!element || !read_json_value(*element, elements.emplace_back(), level + 1)) return false;
    }
    return true;
}

bool read_member(std::string_view bytes, std::pair<std::string, Json>& member, int level) {
    WireReader reader(bytes);
    while (!reader.at_end()) {
        auto const tag = reader.tag();
        if (!tag || tag->type != WireType::bytes) return false;
        auto const piece = reader.bytes();
        if (!piece) return false;
        if (tag->number == kKey) {
            member.first = *piece;
        } else if (tag->number != kMember || !read_json_value(*piece, member.second, level)) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool read_json_struct(std::string_view bytes, Json& out, int level) {
    if (level > kMostLevels) return false;
    out = Json::Object{};
    auto& members = *out.if_object();
    std::unordered_set<std::string> names;
    WireReader reader(bytes);
    while (!reader.at_end()) {
        auto const tag = reader.tag();
        if (!tag || !fits(*tag, kMembers, WireType::bytes)) return false;
        auto const entry = reader.bytes();
        if (!entry || !read_member(*entry, members.emplace_back(), level + 1)) return false;
        if (!names.insert(members.back().first).second) return false;
    }
    return true;
}

bool read_json_value(std::string_view bytes, Json& out, int level) {
    if (level > kMostLevels) return false;
    WireReader reader(bytes);
    bool given = false;
    while (!reader.at_end()) {
        auto const tag = reader.tag();
        // One of a kind: a second one would replace the first, and hide it from whoever looks only once.
        if (!tag || given) return false;
        given = true;
        if (fits(*tag, kNull, WireType::varint)) {
            if (!reader.varint()) return false;
            out = Json();
        } else if (fits(*tag, kNumber, WireType::fixed64)) {
            auto const number = reader.fixed64();
            if (!number) return false;
            out = number_of(std::bit_cast<double>(*number));
        } else if (fits(*tag, kBool, WireType::varint)) {
            auto const number = reader.varint();
            if (!number) return false;
            out = Json(*number != 0);
        } else {
            if (tag->type != WireType::bytes) return false;
            auto const piece = reader.bytes();
            if (!piece) return false;
            if (tag->number == kString) {
                out = Json(*piece);
            } else if (tag->number == kStruct) {
                if (!read_json_struct(*piece, out, level)) return false;
            } else if (tag->number != kList || !read_list(*piece, out, level)) {
                return false;
            }
        }
    }
    return true;
}

void write_json_struct(Json const& json, std::string& out) {
    auto const* members = json.if_object();
    if (members == nullptr) return;
    WireWriter writer(out);
    for (auto const& [name, member] : *members) {
        writer.tag(kMembers, WireType::bytes);
        writer.message([&, &name = name, &member = member] {
            writer.text_field(kKey, name);
            writer.tag(kMember, WireType::bytes);
            writer.message([&] { write_json_value(member, out); });
        });
    }
}

void write_json_value(Json const& json, std::string& out) {
    WireWriter writer(out);
    auto const number = [&writer](double value) {
        writer.tag(kNumber, WireType::fixed64);
        writer.fixed64(std::bit_cast<std::uint64_t>(value));
    };
    switch (json.kind()) {
        case Json::Kind::null:
            writer.tag(kNull, WireType::varint);
            writer.varint(0);
            break;
        case Json::Kind::boolean:
            writer.tag(kBool, WireType::varint);
            writer.varint(*json.if_boolean() ? 1 : 0);
            break;
        case Json::Kind::integer: {
            auto const whole = *json.if_integer();
            bool const exact = std::abs(static_cast<double>(whole)) <= kMaxExact;
            if (exact) {
                number(static_cast<double>(whole));
            } else {
                writer.text_field(kString, std::to_string(whole));
            }
            break;
        }
        case Json::Kind::number:
            number(*json.if_number());
            break;
        case Json::Kind::string:
            writer.text_field(kString, *json.if_string());
            break;
        case Json::Kind::array:
            writer.tag(kList, WireType::bytes);
            writer.message([&] {
                for (auto const& element : *json.if_array()) {
                    writer.tag(kElements, WireType::bytes);
                    writer.message([&] { write_json_value(element, out); });
                }
            });
            break;
        case Json::Kind::object:
            writer.tag(kStruct, WireType::bytes);
            writer.message([&] { write_json_struct(json, out); });
            break;
    }
}

}  // namespace nexpo::grpc_host
