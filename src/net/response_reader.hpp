// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http_message.hpp"
#include "nexpo/result.hpp"

namespace nexpo::net {

/// Puts a response together from what libcurl hands out: its lines up to the body, the body, and the trailers' lines.
/// Interim responses and trailers are dropped. Not thread-safe.
class ResponseReader {
 public:
    explicit ResponseReader(HttpRequest const& request)
        : max_header_bytes_(request.max_header_bytes), max_body_bytes_(request.max_response_bytes) {}

    /// False when there is no more to be read: see `fault`. Nothing may be thrown through libcurl.
    bool take_line(std::string_view line) noexcept;
    bool take_body(std::string_view data) noexcept;

    /// response_too_large or internal.
    std::optional<Error> fault() const;

    /// What has been read, unpacked. Errors: connection_lost, when the headers have no end; response_invalid, when gzip
    /// has none or another coding was used; response_too_large; internal.
    Result<HttpResponse> finish();

 private:
    enum class Part : std::uint8_t { status, headers, body };
    enum class Fault : std::uint8_t { none, too_large, no_memory };

    void read_line(std::string_view line);
    Result<void> unpack();

    std::size_t max_header_bytes_;
    std::size_t max_body_bytes_;
    HttpResponse response_{};
    std::size_t header_bytes_ = 0;
    Part expected_ = Part::status;  // what looks like a status line is one in its place only
    bool interim_ = false;
    Fault fault_ = Fault::none;
};

}  // namespace nexpo::net
