// SPDX-License-Identifier: Apache-2.0
#include "operation/idempotency.hpp"

#include "base/hex.hpp"
#include "crypto/digest.hpp"
#include "describe/codec.hpp"
#include "store/scope_change.hpp"

namespace nexpo::operation {

namespace {

struct StoredAnswer {
    std::string input_hash{};
    Bytes answer{};
};

StructType describe(Type<StoredAnswer>) {
    return structure<StoredAnswer>("StoredAnswer", field("input_hash", &StoredAnswer::input_hash),
                                   field("answer", &StoredAnswer::answer));
}

}  // namespace

IdempotencyKey IdempotencyRecords::key(std::string organization, std::string caller, AnyOperation const& operation,
                                       std::string_view key, void const* input) const {
    // Keyed hashes, because inputs may hold passwords.
    auto const hash = [this](std::string_view text) {
        return base::hex_encode(crypto::hmac_sha256(hash_key_.bytes(), crypto::bytes_of(text)));
    };
    return {std::move(organization), std::move(caller), operation.info.name, hash(key),
            hash(to_json(*operation.input, input))};
}

std::string IdempotencyRecords::bound_to(IdempotencyKey const& key) {
    return "idempotency\n" + key.caller + '\n' + key.operation + '\n' + key.key;
}

Result<std::optional<AnyOutput>> IdempotencyRecords::find(Read const& read, IdempotencyKey const& key,
                                                          AnyOperation const& operation, Timestamp now) const {
    auto stored = read.one<StoredAnswer>(
        "SELECT input_hash, answer FROM idempotency_records"
        " WHERE organization_id = $1 AND caller = $2 AND operation = $3 AND key = $4 AND created_at > $5",
        {key.organization, key.caller, key.operation, key.key, now - kIdempotencyAge});
    if (!stored) return std::move(stored).error();
    if (!*stored) return std::optional<AnyOutput>();
    if ((*stored)->input_hash != key.input_hash) {
        return Error{Errc::failed_precondition, "idempotency_key_reused",
                     "the idempotency key was used before with another input"};
    }
    auto const& bytes = (*stored)->answer;
    auto opened = sealer_.open({reinterpret_cast<char const*>(bytes.data()), bytes.size()}, bound_to(key));
    if (!opened) return std::move(opened).error();
    auto output = operation.output->make();
    if (auto filled = describe::read_stored(*operation.output, output.get(), opened->reveal()); !filled) {
        return std::move(filled).error();
    }
    return std::optional<AnyOutput>(std::move(output));
}

Result<void> IdempotencyRecords::record(Transaction const& tx, IdempotencyKey const& key, AnyOperation const& operation,
                                        void const* output, Timestamp now) const {
    auto const sealed = sealer_.seal(to_json(*operation.output, output), bound_to(key));
    // An operation may leave its audit row in another organization; its answer is the caller's.
    store::ScopeChange const own(tx, store::Scope::organization(key.organization));
    auto written = tx.execute(
        "INSERT INTO idempotency_records (organization_id, caller, operation, key, input_hash, answer, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (caller, operation, key) DO UPDATE"
        " SET input_hash = excluded.input_hash, answer = excluded.answer, created_at = excluded.created_at",
        {key.organization, key.caller, key.operation, key.key, key.input_hash, Bytes(sealed.begin(), sealed.end()),
         now});
    if (!written) return std::move(written).error();
    return {};
}

Result<std::int64_t> IdempotencyRecords::prune(Transaction const& tx, Timestamp now, std::int64_t most) {
    return tx.execute(
        "DELETE FROM idempotency_records WHERE (caller, operation, key) IN (SELECT caller, operation, key"
        " FROM idempotency_records WHERE created_at <= $1 ORDER BY created_at LIMIT $2)",
        {now - kIdempotencyAge, most});
}

}  // namespace nexpo::operation
