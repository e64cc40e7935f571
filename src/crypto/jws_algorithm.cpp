// SPDX-License-Identifier: Apache-2.0
#include "crypto/jws_algorithm.hpp"

namespace nexpo::crypto {

std::string_view to_string(JwsAlgorithm algorithm) noexcept {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return "ES256";
        case JwsAlgorithm::hs256:
            return "HS256";
        case JwsAlgorithm::eddsa:
            return "EdDSA";
        case JwsAlgorithm::rs256:
            return "RS256";
        case JwsAlgorithm::ps256:
            return "PS256";
    }
    return "unknown";
}

std::optional<JwsAlgorithm> jws_algorithm(std::string_view name) noexcept {
    for (auto const algorithm :
         {JwsAlgorithm::es256, JwsAlgorithm::hs256, JwsAlgorithm::eddsa, JwsAlgorithm::rs256, JwsAlgorithm::ps256}) {
        if (to_string(algorithm) == name) return algorithm;
    }
    return std::nullopt;
}

}  // namespace nexpo::crypto
