// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "crypto/sealer.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/config.hpp"
#include "store/store.hpp"

namespace nexpo::backend {

std::vector<Migration> const& migrations();

/// What is configured.
struct SealingKeys {
    Secret const& current;  ///< Empty: one is kept in the database.
    Secret const& old;      ///< Any number of keys that only open.
};

/// The sealer of this installation: under the configured key, or under one that is kept in the database. It opens what
/// the old keys sealed, among them the one that was kept before a key was configured. A database that was sealed under
/// yet another key is refused; the message has that key's id. Errors: invalid_argument (`sealing_key_invalid`),
/// failed_precondition (`sealing_key_wrong`), and the store's.
Result<crypto::Sealer> open_sealer(store::Store& store, SealingKeys const& keys, std::shared_ptr<Random> random);

/// Seals one room's data under the current key; answers how much was under another one.
using ResealStep = Result<std::int64_t> (*)(Transaction const& tx, crypto::Sealer const& sealer);

/// Seals everything that stays for more than a day under the current key, in one transaction, so that a crash leaves
/// all of it or none. What the steps do not cover: answers kept for idempotency keys, which are gone after a day, and
/// cursors, which clients hold. For their sake a kept key stays when another is configured, until nothing was found
/// under another key for a day.
/// Errors: failed_precondition (`sealing_key_unknown`), data_loss, and the store's.
Result<Resealed> reseal(store::Store& store, crypto::Sealer const& sealer, bool is_configured, Timestamp now,
                        std::span<ResealStep const> steps);

}  // namespace nexpo::backend
