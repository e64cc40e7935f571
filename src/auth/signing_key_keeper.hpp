// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "auth/signing_key_ring.hpp"
#include "crypto/sealer.hpp"
#include "nexpo/config.hpp"
#include "nexpo/store.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

namespace nexpo::auth {

/// Whether the keys that were there stay.
enum class OldKeys : std::uint8_t {
    retire,  ///< They sign until the new one does, and verify until their last token has expired.
    revoke,  ///< They are gone at once, and with them every token that they signed.
};

/// Keeps a ring of keys as the database has it, and changes the keys when it is time (docs/decisions/0017).
/// Thread-safe; copies share everything.
class SigningKeyKeeper {
 public:
    /// Reads the keys. Makes the first one, and a new one when `auth.signing_algorithm` has changed. Safe when several
    /// processes start at once. Errors: failed_precondition (`sealing_key_unknown`), data_loss, and the store's.
    static Result<SigningKeyKeeper> open(store::Store& store, crypto::Sealer const& sealer, AuthConfig const& config,
                                         std::shared_ptr<Clock> clock, telemetry::Logger log);

    std::shared_ptr<SigningKeyRing> const& ring() const noexcept;

    /// Looks at the database when the last look is some seconds old or this process has changed the keys since, and
    /// starts what is due: a new key by age, removing keys that are done. Whoever comes during a look waits for it.
    /// What fails is logged and tried again later. Cheap when there is nothing to do.
    ///
    /// Keys that are not in the database any more are gone, whatever else is there. A key that cannot be opened is left
    /// out and logged, and nothing is changed beside it.
    void refresh() const;

    /// For a token of an unknown key: true when there was a look, once a second at most, lest forged tokens cost a look
    /// each.
    bool look_for_unknown_key() const;

    /// A key for `rotate`. Errors: internal.
    Result<crypto::SigningKey> make_key() const;

    /// Puts a new key in place, or answers the one that is already about to sign. Revoking needs none of the old keys
    /// to be opened, and the ring has the new one alone from the commit on; otherwise the next `refresh` looks.
    Result<RingKey> rotate(Transaction const& tx, crypto::SigningKey const& fresh, OldKeys old, Timestamp now) const;

 private:
    struct State;

    explicit SigningKeyKeeper(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
    bool look(std::chrono::seconds min_age) const;

    std::shared_ptr<State> state_;
};

}  // namespace nexpo::auth
