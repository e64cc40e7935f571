// SPDX-License-Identifier: Apache-2.0
#include "auth/signing_key_store.hpp"

#include <algorithm>
#include <string>

namespace nexpo::auth {

namespace {

struct StoredKey {
    std::string id{};
    std::string algorithm{};
    Bytes private_key{};
    Timestamp created_at{};
    Timestamp active_at{};
    std::int64_t token_seconds = 0;
};

StructType describe(Type<StoredKey>) {
    return structure<StoredKey>("StoredKey", field("id", &StoredKey::id), field("algorithm", &StoredKey::algorithm),
                                field("private_key", &StoredKey::private_key),
                                field("created_at", &StoredKey::created_at), field("active_at", &StoredKey::active_at),
                                field("token_seconds", &StoredKey::token_seconds));
}

/// A process of an earlier version may have made a key without the newer columns.
constexpr std::string_view kAll =
    "SELECT id, algorithm, private_key, created_at, COALESCE(active_at, created_at) AS active_at, token_seconds"
    " FROM auth_signing_keys ORDER BY active_at, id";

constexpr std::string_view kInsert =
    "INSERT INTO auth_signing_keys (id, algorithm, private_key, created_at, active_at, token_seconds)"
    " VALUES ($1, $2, $3, $4, $5, $6)";

std::string bound_to(std::string_view id) {
    return "auth_signing_keys\n" + std::string(id);
}

std::string_view text_of(Bytes const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

Bytes sealed(crypto::Sealer const& sealer, std::string_view id, std::string_view private_key) {
    auto const text = sealer.seal(private_key, bound_to(id));
    return {text.begin(), text.end()};
}

Result<void> done(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    return {};
}

Result<crypto::SigningKey> open(StoredKey const& stored, crypto::Sealer const& sealer) {
    auto const algorithm = crypto::jws_algorithm(stored.algorithm);
    if (!algorithm) return Error{Errc::data_loss, "signing_key_invalid", "a signing key has an unknown algorithm"};
    auto opened = sealer.open(text_of(stored.private_key), bound_to(stored.id));
    if (!opened) return std::move(opened).error();
    return crypto::SigningKey::from_private_der(opened->reveal(), *algorithm);
}

}  // namespace

Result<std::vector<RingKey>> SigningKeyStore::all(Read const& read, crypto::Sealer const& sealer,
                                                  std::vector<RingKey> const& known, std::optional<Error>* unopened) {
    auto const rows = read.all<StoredKey>(kAll, {});
    if (!rows) return rows.error();
    std::vector<RingKey> keys;
    for (auto const& row : *rows) {
        auto const found = std::ranges::find(known, row.id, [](RingKey const& entry) { return entry.key.key_id(); });
        auto key = found != known.end() ? Result<crypto::SigningKey>(found->key) : open(row, sealer);
        if (!key && unopened == nullptr) return std::move(key).error();
        if (!key) {
            *unopened = std::move(key).error();
            continue;
        }
        keys.push_back({std::move(*key), row.created_at, row.active_at, row.token_seconds});
    }
    return keys;
}

Result<void> SigningKeyStore::insert(Transaction const& tx, crypto::Sealer const& sealer, RingKey const& entry) {
    auto const& id = entry.key.key_id();
    return done(
        tx.execute(kInsert, {id, to_string(entry.key.algorithm()), sealed(sealer, id, entry.key.private_der().reveal()),
                             entry.created_at, entry.active_at, entry.token_seconds}));
}

Result<void> SigningKeyStore::set_token_seconds(Transaction const& tx, std::string_view id, std::int64_t seconds) {
    return done(tx.execute("UPDATE auth_signing_keys SET token_seconds = $2 WHERE id = $1", {id, seconds}));
}

Result<void> SigningKeyStore::remove(Transaction const& tx, std::string_view id) {
    return done(tx.execute("DELETE FROM auth_signing_keys WHERE id = $1", {id}));
}

Result<void> SigningKeyStore::remove_all(Transaction const& tx) {
    return done(tx.execute("DELETE FROM auth_signing_keys", {}));
}

Result<bool> SigningKeyStore::any_under(Read const& read, crypto::Sealer const& sealer) {
    auto const keys = read.all<Bytes>("SELECT private_key FROM auth_signing_keys", {});
    if (!keys) return keys.error();
    return std::ranges::any_of(*keys, [&](Bytes const& key) { return sealer.knows(text_of(key)); });
}

Result<std::int64_t> SigningKeyStore::reseal(Transaction const& tx, crypto::Sealer const& sealer) {
    auto const rows = tx.all<StoredKey>(kAll, {});
    if (!rows) return rows.error();
    std::int64_t count = 0;
    for (auto const& row : *rows) {
        if (sealer.is_current(text_of(row.private_key))) continue;
        auto const opened = sealer.open(text_of(row.private_key), bound_to(row.id));
        if (!opened) return opened.error();
        auto stored = done(tx.execute("UPDATE auth_signing_keys SET private_key = $2 WHERE id = $1",
                                      {row.id, sealed(sealer, row.id, opened->reveal())}));
        if (!stored) return std::move(stored).error();
        ++count;
    }
    return count;
}

}  // namespace nexpo::auth
