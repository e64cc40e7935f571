// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/gateway.hpp"
#include "nexpo/result.hpp"

namespace nexpo::gateway {

/// A header that may stand only once.
struct SingleField {
    std::string_view value{};
    std::size_t count = 0;

    bool given() const noexcept { return count != 0; }
};

/// The headers that the gateway reads, picked out in one pass. Single ones point into the request.
struct RequestFields {
    SingleField authorization{};
    SingleField idempotency_key{};
    SingleField content_type{};
    SingleField content_encoding{};
    SingleField request_id{};
    SingleField origin{};
    SingleField preflight_method{};  ///< `Access-Control-Request-Method`
    SingleField traceparent{};
    SingleField last_event_id{};
    std::optional<std::string> accept{};         ///< Repeated lines joined by commas (RFC 9110 section 5.3).
    std::optional<std::string> if_match{};       ///< The same.
    std::optional<std::string> if_none_match{};  ///< The same.
    std::size_t size = 0;                        ///< Bytes of all names and values.
};

RequestFields read_fields(std::vector<Header> const& headers);

/// The access token in an `Authorization` header (RFC 6750 section 2.1). Empty, which no token is, when the header has
/// another scheme, is malformed or stands more than once.
std::string bearer_token(SingleField const& authorization);

/// The key in an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07 section 2.1), where the quotes
/// may be left out. Errors: invalid_argument (`header_invalid`).
Result<std::string> parse_idempotency_key(SingleField const& header);

}  // namespace nexpo::gateway
