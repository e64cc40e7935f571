// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/sealer.hpp"
#include "nexpo/operation.hpp"

namespace nexpo::operation {

/// How long an answer can be repeated.
inline constexpr std::chrono::hours kIdempotencyAge{24};

/// Which earlier call a repeat belongs to.
struct IdempotencyKey {
    std::string organization;
    std::string caller;
    std::string operation;
    std::string key;         ///< Hash of the client's key.
    std::string input_hash;  ///< A repeat with another input is a mistake.
};

/// Answers of mutations that carried an idempotency key, written with the mutation itself. Thread-safe.
class IdempotencyRecords {
 public:
    explicit IdempotencyRecords(crypto::Sealer const& sealer)
        : sealer_(sealer), hash_key_(sealer.derive("idempotency")) {}

    /// `caller` names who in the organization the key belongs to: keys of different callers never meet.
    IdempotencyKey key(std::string organization, std::string caller, AnyOperation const& operation,
                       std::string_view key, void const* input) const;

    /// The earlier answer, if there is one younger than a day.
    /// Errors: failed_precondition (`idempotency_key_reused`), data_loss.
    Result<std::optional<AnyOutput>> find(Read const& read, IdempotencyKey const& key, AnyOperation const& operation,
                                          Timestamp now) const;

    Result<void> record(Transaction const& tx, IdempotencyKey const& key, AnyOperation const& operation,
                        void const* output, Timestamp now) const;

    /// Forgets answers that are too old, at most `most`; answers how many.
    static Result<std::int64_t> prune(Transaction const& tx, Timestamp now, std::int64_t most);

 private:
    static std::string bound_to(IdempotencyKey const& key);

    crypto::Sealer const& sealer_;
    crypto::Key hash_key_;
};

}  // namespace nexpo::operation
