// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/signing_key_ring.hpp"
#include "crypto/sealer.hpp"
#include "nexpo/store.hpp"

namespace nexpo::auth {

/// SQL over `auth_signing_keys`, whose private keys are sealed.
class SigningKeyStore {
 public:
    /// Every key, by the time from which it signs; those in `known` are not opened again. With `unopened`, what cannot
    /// be opened is left out and the reason put there.
    /// Errors: failed_precondition (`sealing_key_unknown`), data_loss.
    static Result<std::vector<RingKey>> all(Read const& read, crypto::Sealer const& sealer,
                                            std::vector<RingKey> const& known,
                                            std::optional<Error>* unopened = nullptr);
    static Result<void> insert(Transaction const& tx, crypto::Sealer const& sealer, RingKey const& entry);
    static Result<void> set_token_seconds(Transaction const& tx, std::string_view id, std::int64_t seconds);
    static Result<void> remove(Transaction const& tx, std::string_view id);
    static Result<void> remove_all(Transaction const& tx);
    /// Whether one of the sealer's keys has sealed any of the private keys.
    static Result<bool> any_under(Read const& read, crypto::Sealer const& sealer);
    /// Seals under the current key what another one sealed; answers how many keys that were.
    static Result<std::int64_t> reseal(Transaction const& tx, crypto::Sealer const& sealer);
};

}  // namespace nexpo::auth
