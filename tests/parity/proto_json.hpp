// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>

#include "nexpo/nexpo.hpp"

namespace nexpo::parity {

/// Numbers that no field has, for members that a message does not have.
using UnknownMembers = std::map<int, std::string>;

/// Fills a message from JSON by protobuf's own reflection. What does not fit is put in as it is.
void fill_message(google::protobuf::Message& message, Json const& json, UnknownMembers& unknown);

/// The message as JSON, members in the order of the struct that it stands for.
Json to_json(google::protobuf::Message const& message, StructType const& type);

}  // namespace nexpo::parity
