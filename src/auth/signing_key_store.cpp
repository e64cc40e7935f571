// SPDX-License-Identifier: Apache-2.0
#include "auth/signing_key_store.hpp"

#include <optional>

namespace nexpo::auth {

namespace {

struct StoredKey {
    std::string id{};
    Bytes private_key{};
};

StructType describe(Type<StoredKey>) {
    return structure<StoredKey>("StoredKey", field("id", &StoredKey::id),
                                field("private_key", &StoredKey::private_key));
}

std::string bound_to(std::string_view id) {
    return "auth_signing_keys\n" + std::string(id);
}

Result<std::optional<crypto::SigningKey>> find(Read const& read, crypto::Sealer const& sealer) {
    auto stored =
        read.one<StoredKey>("SELECT id, private_key FROM auth_signing_keys ORDER BY created_at DESC, id LIMIT 1", {});
    if (!stored) return std::move(stored).error();
    if (!*stored) return std::optional<crypto::SigningKey>();
    auto const& sealed = (*stored)->private_key;
    auto opened = sealer.open({reinterpret_cast<char const*>(sealed.data()), sealed.size()}, bound_to((*stored)->id));
    if (!opened) return std::move(opened).error();
    auto key = crypto::SigningKey::from_private_der(opened->reveal(), crypto::JwsAlgorithm::es256);
    if (!key) return std::move(key).error();
    return std::optional(std::move(*key));
}

}  // namespace

Result<crypto::SigningKey> load_signing_key(store::Store& store, crypto::Sealer const& sealer, Timestamp now) {
    std::optional<crypto::SigningKey> key;
    auto const look = [&](Read const& read) -> Result<void> {
        auto found = find(read, sealer);
        if (!found) return std::move(found).error();
        key = std::move(*found);
        return {};
    };
    if (auto read = store.read({}, look); !read) return std::move(read).error();
    if (key) return *std::move(key);

    auto made = crypto::SigningKey::generate_es256();
    if (!made) return std::move(made).error();
    auto const sealed = sealer.seal(made->private_der().reveal(), bound_to(made->key_id()));
    auto written = store.write_and_wait([&](Transaction& tx, TransactionState&) -> Result<void> {
        if (auto looked = look(tx); !looked || key) return looked;  // another process was first
        auto inserted = tx.execute("INSERT INTO auth_signing_keys (id, private_key, created_at) VALUES ($1, $2, $3)",
                                   {made->key_id(), Bytes(sealed.begin(), sealed.end()), now});
        if (!inserted) return std::move(inserted).error();
        return {};
    });
    if (!written) return std::move(written).error();
    return key ? *std::move(key) : std::move(*made);
}

}  // namespace nexpo::auth
