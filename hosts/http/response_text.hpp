// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "nexpo/error.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// What happens to the connection after a response.
enum class Persistence : std::uint8_t {
    close,               ///< It ends.
    keep_alive,          ///< It stays, as HTTP/1.1 takes for granted.
    keep_alive_for_1_0,  ///< It stays, and an HTTP/1.0 client has to be told.
};

/// Replaces `out` with the status line and headers of a response. `date` is an IMF-fixdate (RFC 9110 section 5.6.7).
void write_head(std::string& out, Response const& response, std::string_view method, Persistence persistence,
                std::string_view date);

/// Whether a body follows the head (RFC 9112 section 6.3).
bool has_body(std::string_view method, int status);

/// A time as an IMF-fixdate, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(std::time_t time);

/// Problem details (RFC 9457) in the library's form, for what goes wrong before the library sees a request.
Response problem(int status, Errc code, std::string_view reason, std::string_view detail);

}  // namespace nexpo::http_host
