// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nexpo::operation {

/// What a limit counts a client by: its IPv4 address, or the /64 network of its IPv6 address, because that much is what
/// one customer is given (RFC 6177 section 2).
std::string limit_key(std::string_view address);

}  // namespace nexpo::operation
