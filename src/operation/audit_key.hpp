// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sealer.hpp"
#include "crypto/signing_key.hpp"
#include "crypto/verification_key.hpp"
#include "operation/audit_chain.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// The key that signs the ends of the audit's chains. It stands sealed in the database: whoever can write there but has
/// no sealing key can neither use it nor put another in its place.
class AuditKey {
 public:
    /// The newest key; made when there is none, together with the first row of the installation's chain. Errors:
    /// failed_precondition (`sealing_key_unknown`), data_loss, and the store's.
    static Result<AuditKey> open(store::Store& store, store::Scope const& scope, crypto::Sealer const& sealer,
                                 Timestamp now, Random& random);

    /// Whether one of the sealer's keys has sealed any of the private keys.
    static Result<bool> any_under(Read const& read, crypto::Sealer const& sealer);

    /// Seals under the current key what another one sealed; answers how many keys that were.
    static Result<std::int64_t> reseal(Transaction const& tx, crypto::Sealer const& sealer);

    std::string sign(AuditHead const& head) const;
    /// Whether the signature is one of this installation's, and for this head.
    bool verify(AuditHead const& head) const;

 private:
    explicit AuditKey(std::vector<crypto::SigningKey> keys);

    std::vector<crypto::SigningKey> keys_;  ///< The newest first.
    std::vector<crypto::VerificationKey> verification_keys_;
};

}  // namespace nexpo::operation
