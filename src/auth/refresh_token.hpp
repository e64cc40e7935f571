// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "crypto/key.hpp"

namespace nexpo::auth {

/// Which session a refresh token belongs to, and how many came before it.
struct RefreshToken {
    std::string session_id;
    std::int64_t generation = 0;
};

/// Makes and reads refresh tokens: `nxr_<session>_<generation>_<keyed hash>`. The token of a generation is always the
/// same, so a client that lost an answer can be given it again, and an old one proves who it once was given to.
/// Thread-safe.
class RefreshTokens {
 public:
    explicit RefreshTokens(crypto::Key const& key) : key_(key.bytes()) {}

    std::string make(RefreshToken const& token) const;
    /// Nothing unless we made it.
    std::optional<RefreshToken> read(std::string_view text) const;

 private:
    std::string sign(std::string_view text) const;

    crypto::HmacKey key_;
};

}  // namespace nexpo::auth
