// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "crypto/sealer.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/config.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

namespace nexpo::backend {

std::vector<Migration> const& migrations();

/// What is configured.
struct SealingKeys {
    Secret const& current;  ///< Empty: one is kept in the database.
    Secret const& old;      ///< Any number of keys that only open.
};

/// The sealer of this installation: under the configured key, or, while there is none, under one that is kept in the
/// database. The old keys open, too. On the first start with a configured key all that stays is sealed under it and the
/// kept key is removed, in one transaction. As soon as a configured key has sealed anything, a key in the database is
/// ignored: whoever can write there could have put it there. A database that was sealed under yet another key is
/// refused; the message has that key's id. Errors: invalid_argument (`sealing_key_invalid`), failed_precondition
/// (`sealing_key_wrong`), and the store's.
Result<crypto::Sealer> open_sealer(store::Store& store, SealingKeys const& keys, std::shared_ptr<Random> random,
                                   telemetry::Logger const& log);

/// Seals everything that stays for more than a day under the current key, in one transaction, so that a crash leaves
/// all of it or none, and removes a key that stands in the database although one is configured. What it does not cover:
/// answers kept for idempotency keys, which are gone after a day, and cursors, which clients hold.
/// Errors: failed_precondition (`sealing_key_unknown`), data_loss, and the store's.
Result<Resealed> reseal(store::Store& store, crypto::Sealer const& sealer, bool is_configured);

}  // namespace nexpo::backend
