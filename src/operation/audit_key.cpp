// SPDX-License-Identifier: Apache-2.0
#include "operation/audit_key.hpp"

#include <algorithm>

#include "crypto/jws.hpp"
#include "nexpo/id.hpp"

namespace nexpo::operation {

namespace {

constexpr std::string_view kType = "nexpo-audit-head";

struct StoredKey {
    std::string id{};
    Bytes private_key{};
};

StructType describe(Type<StoredKey>) {
    return structure<StoredKey>("StoredKey", field("id", &StoredKey::id),
                                field("private_key", &StoredKey::private_key));
}

std::string_view text_of(Bytes const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

std::string bound_to(std::string_view id) {
    return "audit_keys\n" + std::string(id);
}

Result<std::vector<crypto::SigningKey>> read_keys(Read const& read, crypto::Sealer const& sealer) {
    auto stored = read.all<StoredKey>("SELECT id, private_key FROM audit_keys ORDER BY created_at DESC, id", {});
    if (!stored) return std::move(stored).error();
    std::vector<crypto::SigningKey> keys;
    for (auto const& one : *stored) {
        auto opened = sealer.open(text_of(one.private_key), bound_to(one.id));
        if (!opened) return std::move(opened).error();
        auto key = crypto::SigningKey::from_private_der(opened->reveal(), crypto::JwsAlgorithm::es256);
        if (!key) return std::move(key).error();
        keys.push_back(std::move(*key));
    }
    return keys;
}

Json claims_of(AuditHead const& head) {
    Json claims;
    claims.set("organization_id", head.organization_id);
    claims.set("position", head.position);
    claims.set("hash", head.hash);
    claims.set("sealed_at", to_string(head.sealed_at));
    return claims;
}

/// The installation's chain begins with its key, signed at once: a chain without a head is never begun later. Where
/// there was one, a new key does not vouch for it.
Result<void> begin_installation(Transaction const& tx, AuditKey const& key, Timestamp now, Random& random) {
    auto const earlier = tx.one<std::int64_t>(
        "SELECT (SELECT count(*) FROM audit_heads) + (SELECT count(*) FROM audit_entries WHERE position IS NOT NULL)",
        {});
    if (!earlier) return earlier.error();
    if (**earlier > 0) return {};
    AuditRecord const row{.id = make_id("aud", now, random),
                          .at = now,
                          .actor_kind = "system",
                          .operation = std::string(kChainBegun),
                          .outcome = "ok"};
    AuditHead head{.position = 1, .hash = next_link(first_link({}), 1, row), .sealed_at = now};
    head.signature = key.sign(head);
    auto written = tx.execute(
        "INSERT INTO audit_entries (id, at, actor_kind, actor_id, operation, target, outcome, request_id, address,"
        " position, hash) VALUES ($1, $2, $3, '', $4, '', $5, '', '', 1, $6)",
        {row.id, row.at, row.actor_kind, row.operation, row.outcome, head.hash});
    if (written) {
        written = tx.execute(
            "INSERT INTO audit_heads (organization_id, position, hash, sealed_at, signature) VALUES ('', 1, $1, $2, "
            "$3)",
            {head.hash, head.sealed_at, head.signature});
    }
    if (!written) return std::move(written).error();
    return {};
}

}  // namespace

AuditKey::AuditKey(std::vector<crypto::SigningKey> keys) : keys_(std::move(keys)) {
    for (auto const& key : keys_) verification_keys_.emplace_back(key);
}

Result<AuditKey> AuditKey::open(store::Store& store, store::Scope const& scope, crypto::Sealer const& sealer,
                                Timestamp now, Random& random) {
    std::vector<crypto::SigningKey> keys;
    auto const look = [&](Read const& read) -> Result<void> {
        auto found = read_keys(read, sealer);
        if (!found) return std::move(found).error();
        keys = std::move(*found);
        return {};
    };
    if (auto read = store.read({scope}, {}, look); !read) return std::move(read).error();
    if (!keys.empty()) return AuditKey(std::move(keys));

    auto made = crypto::SigningKey::generate_es256();
    if (!made) return std::move(made).error();
    auto const sealed = sealer.seal(made->private_der().reveal(), bound_to(made->key_id()));
    auto written = store.write_and_wait({scope}, [&](Transaction& tx, TransactionState&) -> Result<void> {
        if (auto looked = look(tx); !looked || !keys.empty()) return looked;  // another process was first
        auto inserted = tx.execute("INSERT INTO audit_keys (id, private_key, created_at) VALUES ($1, $2, $3)",
                                   {made->key_id(), Bytes(sealed.begin(), sealed.end()), now});
        if (!inserted) return std::move(inserted).error();
        return begin_installation(tx, AuditKey({*made}), now, random);
    });
    if (!written) return std::move(written).error();
    if (keys.empty()) keys.push_back(std::move(*made));
    return AuditKey(std::move(keys));
}

Result<bool> AuditKey::any_under(Read const& read, crypto::Sealer const& sealer) {
    auto const keys = read.all<Bytes>("SELECT private_key FROM audit_keys", {});
    if (!keys) return keys.error();
    return std::ranges::any_of(*keys, [&](Bytes const& key) { return sealer.knows(text_of(key)); });
}

Result<std::int64_t> AuditKey::reseal(Transaction const& tx, crypto::Sealer const& sealer) {
    auto const stored = tx.all<StoredKey>("SELECT id, private_key FROM audit_keys ORDER BY id", {});
    if (!stored) return stored.error();
    std::int64_t count = 0;
    for (auto const& one : *stored) {
        if (sealer.is_current(text_of(one.private_key))) continue;
        auto const opened = sealer.open(text_of(one.private_key), bound_to(one.id));
        if (!opened) return opened.error();
        auto const anew = sealer.seal(opened->reveal(), bound_to(one.id));
        auto const changed = tx.execute("UPDATE audit_keys SET private_key = $2 WHERE id = $1",
                                        {one.id, Bytes(anew.begin(), anew.end())});
        if (!changed) return changed.error();
        ++count;
    }
    return count;
}

std::string AuditKey::sign(AuditHead const& head) const {
    return keys_.front().sign(claims_of(head), kType);
}

bool AuditKey::verify(AuditHead const& head) const {
    auto const claims = crypto::verify_jws(head.signature, verification_keys_, {.typ = kType});
    return claims && *claims == claims_of(head);
}

}  // namespace nexpo::operation
