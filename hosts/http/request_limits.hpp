// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace nexpo::http_host {

/// How large one request may be.
struct RequestLimits {
    std::size_t header_bytes = 16'384;  ///< Request line and headers together; trailers too.
    std::size_t header_count = 100;     ///< Header lines; trailers too.
    std::size_t body_bytes = 1'048'576;
};

}  // namespace nexpo::http_host
