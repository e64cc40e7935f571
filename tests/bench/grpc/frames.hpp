// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nexpo::bench {

/// What a client of one connection sends: HTTP/2 (RFC 9113) as far as unary calls of gRPC need it.
class Frames {
 public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    Frames(Headers headers, std::string_view message);

    /// What a connection begins with: more window than a run takes at once.
    static std::string preface();
    /// A call. Its headers are written out once and named by their numbers from then on, as real clients do.
    void append_call(std::string& out, std::uint32_t stream);
    /// Gives the server room for so many bytes more on the connection.
    static void append_window(std::string& out, std::uint32_t bytes);
    static void append_frame(std::string& out, std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                             std::string_view payload);

 private:
    Headers headers_;
    std::string message_;
    bool known_ = false;
};

}  // namespace nexpo::bench
