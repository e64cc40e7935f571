// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/jwk.hpp"
#include "crypto/verification_key.hpp"
#include "nexpo/result.hpp"

namespace nexpo::crypto {

struct KeySetOptions {
    std::size_t max_size = 262'144;  ///< Of the JSON text, in bytes.
    std::size_t max_keys = 64;       ///< Of the set, those that are skipped included.
    JwkOptions jwk{};
};

/// Keys to verify with, at most one for an algorithm and an id. Thread-safe for reading, as any value.
class KeySet {
 public:
    KeySet() = default;
    /// Errors: invalid_argument (`jwk_duplicate`).
    static Result<KeySet> of(std::vector<VerificationKey> keys);

    /// A JWK Set (RFC 7517 section 5). Keys of other kinds and for other purposes are skipped; malformed ones are not,
    /// because a publisher who makes mistakes with keys is better asked than guessed at. Errors, invalid_argument:
    /// `jwks_malformed`, `jwks_too_large`, `jwks_too_many_keys`, `jwk_malformed`, `jwk_duplicate`.
    static Result<KeySet> parse(std::string_view jwks, KeySetOptions const& options);

    std::span<VerificationKey const> keys() const noexcept { return keys_; }

    /// The key of that algorithm and id; without an id the only key of that algorithm; null when there is none, or no
    /// telling which (RFC 7515 section 6).
    VerificationKey const* find(JwsAlgorithm algorithm, std::optional<std::string_view> key_id) const noexcept;

 private:
    explicit KeySet(std::vector<VerificationKey> keys) noexcept : keys_(std::move(keys)) {}

    std::vector<VerificationKey> keys_;
};

}  // namespace nexpo::crypto
