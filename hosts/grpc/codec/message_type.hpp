// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grpc/codec/wire.hpp"
#include "nexpo/describe.hpp"

namespace nexpo::grpc_host {

struct MessageType;

/// A value as it lies on the wire: a scalar or a message.
struct WireValue {
    ValueType const* type = nullptr;        ///< Of the value in C++: no optional, patch, list or map.
    WireType wire = WireType::bytes;        ///< How it lies on the wire.
    MessageType const* message = nullptr;   ///< Of an object or a variant.
    std::vector<std::int32_t> numbers{};    ///< Of an enumeration: protobuf's number of each word.
    std::vector<std::int32_t> positions{};  ///< Of an enumeration: the word of each number, -1 for none.
    bool is_struct = false;                 ///< JSON that is a `google.protobuf.Struct`, not a `Value`.
};

/// Whether a member tells that it is not there.
enum class Shape : std::uint8_t { single, optional, patch };

/// One field of a message and the member of the struct that it fills.
struct MessageField {
    std::uint32_t number = 0;
    Field const* field = nullptr;  ///< Null for an alternative of a variant.
    std::string_view name{};       ///< On the wire and in JSON pointers.
    Shape shape = Shape::single;
    ValueType const* many = nullptr;  ///< Of a list or a map: its type, without an optional or patch around it.
    WireValue value{};                ///< Of the value, or of each element.
    bool has_presence = true;         ///< Whether an empty or zero value is told from one that is not there.
};

/// How a message of protobuf and a described struct fit together. Immutable once made; safe to share.
struct MessageType {
    /// Most fields that a message can have.
    static constexpr std::size_t kMostFields = 128;

    std::string name{};                     ///< `nexpo.v1.User`
    StructType const* structure = nullptr;  ///< Null for a variant.
    std::vector<MessageField> fields{};     ///< In order of the members, or of the alternatives.
    std::uint32_t update_mask = 0;          ///< The number of the field that names what changes; 0: there is none.

    /// The field with this number, or nullptr.
    MessageField const* find(std::uint32_t number) const {
        for (auto const& field : fields) {
            if (field.number == number) return &field;
        }
        return nullptr;
    }
};

}  // namespace nexpo::grpc_host
