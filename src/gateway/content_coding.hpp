// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/exchange.hpp"
#include "gateway/gateway_state.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::gateway {

/// What a client wants of answers.
enum class CodingWish : std::uint8_t {
    plain,  ///< As they are.
    gzip,   ///< Compressed where that is of use.
    coded,  ///< Compressed, because it has refused what is not.
};

/// What the `Accept-Encoding` headers say (RFC 9110 section 12.5.3). Without any, and where they allow nothing that we
/// have: plain.
CodingWish coding_wish(std::vector<Header> const& headers) noexcept;

/// Whether answers of this type shrink.
bool is_compressible(std::string_view content_type) noexcept;

/// Compresses the body of an answer, if it may and should be, with its entity tag changed accordingly.
void compress(Response& response, Exchange const& exchange, GatewayState const& state);

/// Makes this the compressed form of the answer: body, `Content-Encoding`, entity tag.
void set_compressed(Response& response, std::string body);

}  // namespace nexpo::gateway
