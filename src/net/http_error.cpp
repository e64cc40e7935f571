// SPDX-License-Identifier: Apache-2.0
#include "net/http_error.hpp"

#include <utility>

namespace nexpo::net {

Error url_invalid(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "url_invalid", .message = std::move(message)};
}

Error request_invalid(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "request_invalid", .message = std::move(message)};
}

Error address_refused() {
    return {.code = Errc::permission_denied,
            .reason = "address_refused",
            .message = "The host's address is not one that this installation may reach."};
}

Error name_not_resolved() {
    return {.code = Errc::unavailable, .reason = "name_not_resolved", .message = "The host's name has no address."};
}

Error connect_failed() {
    return {.code = Errc::unavailable, .reason = "connect_failed", .message = "The host could not be connected to."};
}

Error tls_failed() {
    return {.code = Errc::unavailable,
            .reason = "tls_failed",
            .message = "No trusted TLS connection to the host could be made."};
}

Error proxy_failed() {
    return {
        .code = Errc::unavailable, .reason = "proxy_failed", .message = "The proxy did not let the request through."};
}

Error connection_lost() {
    return {.code = Errc::unavailable,
            .reason = "connection_lost",
            .message = "The connection ended before the response was complete."};
}

Error response_invalid() {
    return {.code = Errc::unknown, .reason = "response_invalid", .message = "The response is not valid HTTP."};
}

Error response_too_large() {
    return {.code = Errc::resource_exhausted,
            .reason = "response_too_large",
            .message = "The response is larger than allowed."};
}

Error request_broke() {
    return {.code = Errc::internal, .reason = "internal", .message = "The HTTP client failed at this request."};
}

Error timed_out() {
    return {.code = Errc::deadline_exceeded,
            .reason = "timed_out",
            .message = "The response was not there within the time limit."};
}

Error cancelled() {
    return {.code = Errc::cancelled, .reason = "cancelled", .message = "The caller asked to stop."};
}

Error client_closed() {
    return {.code = Errc::unavailable, .reason = "closed", .message = "The HTTP client is closed."};
}

Error client_busy() {
    return {.code = Errc::resource_exhausted,
            .reason = "client_busy",
            .message = "Too many requests are under way.",
            .retry_after = std::chrono::milliseconds(1000)};
}

Error circuit_open(std::chrono::milliseconds retry_after) {
    return {.code = Errc::unavailable,
            .reason = "circuit_open",
            .message = "The host failed repeatedly and is left alone for a while.",
            .retry_after = retry_after};
}

Error redirect_refused(std::string message) {
    return {.code = Errc::failed_precondition, .reason = "redirect_refused", .message = std::move(message)};
}

Error options_invalid(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "options_invalid", .message = std::move(message)};
}

}  // namespace nexpo::net
