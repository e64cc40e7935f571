// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpc/codec/message_type.hpp"

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace nexpo::grpc_host {

/// Finds out how protobuf's messages and described structs fit together, and what is missing. Not thread-safe; what it
/// answers is, and lives as long as this.
class MessageTypes {
 public:
    /// What a message is for: an input must tell what is not given from what is zero, wherever that differs.
    enum class Use : bool { input, output };

    MessageTypes() = default;
    MessageTypes(MessageTypes const&) = delete;
    MessageTypes& operator=(MessageTypes const&) = delete;

    /// The pair of both. What does not fit is added to the problems, and left out.
    MessageType const& pair(google::protobuf::Descriptor const& message, StructType const& type, Use use);

    /// A sentence for each missing or wrong field, enumerator and so on, which names it.
    std::vector<std::string> const& problems() const { return problems_; }

 private:
    using Key = std::pair<void const*, void const*>;

    void add_field(MessageType& made, google::protobuf::FieldDescriptor const& wire, Field const& field, Use use);
    void check_presence(google::protobuf::FieldDescriptor const& wire, Field const& field, StructType const& type,
                        Use use);
    bool fill_value(WireValue& value, google::protobuf::FieldDescriptor const& wire, Field const& field,
                    ValueType const& type, Use use);
    bool fill_enum(WireValue& value, google::protobuf::EnumDescriptor const& wire, ValueType const& type);
    MessageType const* pair_variant(google::protobuf::Descriptor const& message, Field const& field,
                                    ValueType const& type, Use use);
    void report(std::string problem);

    std::map<Key, std::unique_ptr<MessageType>> made_;
    std::vector<std::string> problems_;
};

}  // namespace nexpo::grpc_host
