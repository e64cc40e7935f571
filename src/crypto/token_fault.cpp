// SPDX-License-Identifier: Apache-2.0
#include "crypto/token_fault.hpp"

namespace nexpo::crypto {

std::string_view to_string(TokenFault fault) noexcept {
    switch (fault) {
        case TokenFault::none:
            return "none";
        case TokenFault::size:
            return "size";
        case TokenFault::form:
            return "form";
        case TokenFault::header:
            return "header";
        case TokenFault::critical:
            return "critical";
        case TokenFault::algorithm:
            return "algorithm";
        case TokenFault::type:
            return "type";
        case TokenFault::key:
            return "key";
        case TokenFault::signature:
            return "signature";
        case TokenFault::payload:
            return "payload";
        case TokenFault::time:
            return "time";
        case TokenFault::issuer:
            return "issuer";
        case TokenFault::audience:
            return "audience";
        case TokenFault::subject:
            return "subject";
        case TokenFault::expired:
            return "expired";
    }
    return "unknown";
}

Error refuse_token(TokenFault fault, TokenFault* detail) {
    if (detail != nullptr) *detail = fault;
    if (fault == TokenFault::expired) {
        return {.code = Errc::unauthenticated, .reason = "token_expired", .message = "The token has expired."};
    }
    return {.code = Errc::unauthenticated, .reason = "token_invalid", .message = "The token is not valid."};
}

}  // namespace nexpo::crypto
