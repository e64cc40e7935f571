// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nexpo::crypto {

/// The algorithms we sign and verify with (RFC 7518 section 3.1, RFC 8037 section 3.1).
enum class JwsAlgorithm : std::uint8_t { es256, hs256, eddsa, rs256, ps256 };

/// The name in a token's header, for example `ES256`.
std::string_view to_string(JwsAlgorithm algorithm) noexcept;

/// The algorithm of that name, in exactly that spelling.
std::optional<JwsAlgorithm> jws_algorithm(std::string_view name) noexcept;

}  // namespace nexpo::crypto
