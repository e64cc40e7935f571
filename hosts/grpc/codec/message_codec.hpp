// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "grpc/codec/message_type.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"

namespace nexpo::grpc_host {

/// Whose message is read.
enum class Sender : std::uint8_t {
    client,  ///< An input: what it does not say keeps its default, what nobody knows or may set is refused.
    server,  ///< An output: what it does not say is zero, what nobody knows is left out.
};

/// As deep as JSON from outside may nest, see `Json::parse`.
inline constexpr int kMostLevels = 32;
/// No more violations are reported, as with JSON.
inline constexpr std::size_t kMostViolations = 1'000;

/// Fills a struct from a message. On an error the struct is in an unspecified valid state. Rules are left to the
/// pipeline, but for what is said beside other problems. Errors: invalid_argument (`protobuf_malformed`: it is no
/// message, or nests too deep; `validation_failed`: with a JSON pointer for each bad field, as in JSON).
Result<void> decode(MessageType const& type, void* value, std::string_view bytes, Sender sender);

/// Appends the struct as a message.
void encode(MessageType const& type, void const* value, std::string& out);

/// Reads a `google.protobuf.Value`. Numbers that are whole become whole ones. False when it is malformed, names a
/// member twice or nests too deep.
bool read_json_value(std::string_view bytes, Json& out, int level);
/// Reads a `google.protobuf.Struct` likewise.
bool read_json_struct(std::string_view bytes, Json& out, int level);
/// Appends a `google.protobuf.Value`. Whole numbers that a double does not hold become text, as in protobuf's JSON.
void write_json_value(Json const& json, std::string& out);
/// Appends a `google.protobuf.Struct`; what is no object is an empty one.
void write_json_struct(Json const& json, std::string& out);

}  // namespace nexpo::grpc_host
