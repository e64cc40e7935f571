// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/sealer.hpp"
#include "crypto/signing_key.hpp"
#include "nexpo/time.hpp"
#include "store/store.hpp"

namespace nexpo::auth {

/// The key that signs access tokens; made and sealed on the first start. Safe when two processes start at once.
/// Errors: failed_precondition (`sealing_key_unknown`), data_loss, and the store's.
Result<crypto::SigningKey> load_signing_key(store::Store& store, crypto::Sealer const& sealer, Timestamp now);

}  // namespace nexpo::auth
