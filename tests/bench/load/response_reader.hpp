// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace nexpo::bench {

/// A response at the start of what was received.
struct ResponseSpan {
    int status = 0;
    std::size_t size = 0;     ///< Head and body.
    bool keep_alive = false;  ///< The server takes another request on this connection.
};

/// The response that `received` begins with, or nothing when more must come. Throws std::runtime_error for what is no
/// answer of a server with Content-Length.
std::optional<ResponseSpan> read_response(std::string_view received);

}  // namespace nexpo::bench
