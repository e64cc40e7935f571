// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/sealer.hpp"
#include "nexpo/config.hpp"
#include "store/store.hpp"

namespace nexpo::backend {

std::vector<Migration> const& migrations();

/// The sealer of this installation: under the configured key, or under one that is kept in the database. A database
/// that was sealed under another key is refused. Errors: invalid_argument (`sealing_key_invalid`),
/// failed_precondition (`sealing_key_wrong`), and the store's.
Result<crypto::Sealer> open_sealer(store::Store& store, Secret const& configured, std::shared_ptr<Random> random);

}  // namespace nexpo::backend
