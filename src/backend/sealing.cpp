// SPDX-License-Identifier: Apache-2.0
#include "backend/sealing.hpp"

#include <optional>
#include <string>
#include <utility>

#include "auth/signing_key_store.hpp"
#include "base/base64.hpp"
#include "notification/webhook_store.hpp"
#include "operation/audit_key.hpp"

namespace nexpo::backend {

namespace {

/// The key that stands in the database itself while none is configured.
constexpr std::string_view kKeyFact = "sealing_key";
constexpr std::string_view kCheckFact = "sealing_check";
constexpr std::string_view kCheckText = "nexpo";
/// What is derived (refresh tokens, hashes of idempotency keys) goes by this, so that it outlives the sealing key.
constexpr std::string_view kRootFact = "sealed_root";
constexpr std::string_view kSealedFacts[] = {kCheckFact, kRootFact};

Result<std::optional<std::string>> find_fact(Read const& read, std::string_view name) {
    return read.one<std::string>("SELECT value FROM installation_facts WHERE name = $1", {name});
}

Result<void> put_fact(Transaction const& tx, std::string_view name, std::string const& value) {
    auto const put = tx.execute(
        "INSERT INTO installation_facts (name, value) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {name, value});
    return put ? Result<void>() : Result<void>(put.error());
}

Result<bool> remove_key(Transaction const& tx) {
    auto const removed = tx.execute("DELETE FROM installation_facts WHERE name = $1", {kKeyFact});
    if (!removed) return removed.error();
    return *removed > 0;
}

Error key_wrong(std::string message) {
    return {Errc::failed_precondition, "sealing_key_wrong", std::move(message)};
}

/// For the start, where a value under an unknown key means that the database needs another one.
Error at_start(Error error) {
    return error.reason == "sealing_key_unknown" ? key_wrong(std::move(error.message)) : error;
}

std::string seal_fact(crypto::Sealer const& sealer, std::string_view name, std::string_view text) {
    return base::base64url_encode(sealer.seal(text, name));
}

Result<Secret> open_fact(crypto::Sealer const& sealer, std::string_view name, std::string_view value) {
    auto const sealed = base::base64url_decode(value);
    if (!sealed) return Error{Errc::data_loss, "seal_broken", "a sealed fact of the installation is damaged"};
    return sealer.open(*sealed, name);
}

Result<bool> any_fact_under(Read const& read, crypto::Sealer const& sealer) {
    for (auto const name : kSealedFacts) {
        auto const fact = find_fact(read, name);
        if (!fact) return fact.error();
        auto const sealed = base::base64url_decode(fact->value_or(""));
        if (sealed && sealer.knows(*sealed)) return true;
    }
    return false;
}

Result<std::int64_t> reseal_facts(Transaction const& tx, crypto::Sealer const& sealer) {
    std::int64_t count = 0;
    for (auto const name : kSealedFacts) {
        auto const fact = find_fact(tx, name);
        if (!fact) return fact.error();
        auto const sealed = *fact ? base::base64url_decode(**fact) : std::nullopt;
        if (!sealed || sealer.is_current(*sealed)) continue;
        auto const opened = sealer.open(*sealed, name);
        if (!opened) return opened.error();
        if (auto put = put_fact(tx, name, seal_fact(sealer, name, opened->reveal())); !put) return put.error();
        ++count;
    }
    return count;
}

/// Who seals what stays for more than a day.
struct Room {
    Result<bool> (*any_under)(Read const& read, crypto::Sealer const& sealer);
    Result<std::int64_t> (*reseal)(Transaction const& tx, crypto::Sealer const& sealer);
};

constexpr Room kRooms[] = {
    {any_fact_under, reseal_facts},
    {auth::SigningKeyStore::any_under, auth::SigningKeyStore::reseal},
    {operation::AuditKey::any_under, operation::AuditKey::reseal},
    {notification::WebhookStore::any_under, notification::WebhookStore::reseal},
};

Result<bool> any_under(Read const& read, crypto::Sealer const& sealer) {
    for (auto const& room : kRooms) {
        auto any = room.any_under(read, sealer);
        if (!any || *any) return any;
    }
    return false;
}

Result<std::int64_t> reseal_all(Transaction const& tx, crypto::Sealer const& sealer) {
    std::int64_t sum = 0;
    for (auto const& room : kRooms) {
        auto count = room.reseal(tx, sealer);
        if (!count) return count;
        sum += *count;
    }
    return sum;
}

/// Finds the sealer of a database, and makes it settled: sealed under the configured key, or, while there is none,
/// under one that stands in it.
class Opening {
 public:
    Opening(std::shared_ptr<Random> random, std::vector<crypto::Key> old)
        : random_(std::move(random)), old_(std::move(old)) {}

    Result<void> configure(Secret const& key) {
        auto made = make_sealer(key);
        if (!made) return std::move(made).error();
        configured_ = std::move(*made);
        return {};
    }

    Result<void> look(Read const& read) {
        for (auto const& [name, fact] : {std::pair(kKeyFact, &key_), {kCheckFact, &check_}, {kRootFact, &root_}}) {
            auto found = find_fact(read, name);
            if (!found) return std::move(found).error();
            *fact = std::move(*found);
        }
        moves_ = false;
        if (!configured_ || !key_ || !check_ || !crypto::key_from_text(*key_)) return {};
        // Who can write to the database can put a key there as well: it counts only until another has sealed anything.
        auto const is_used = any_under(read, *configured_);
        if (!is_used) return is_used.error();
        moves_ = !*is_used;
        return {};
    }

    bool is_settled() const { return check_ && root_ && (configured_ || key_) && !moves_; }
    bool ignores_key() const { return configured_ && key_; }

    /// What `look` has found wanting. Answers whether the key that stood in the database was left.
    Result<bool> settle(Transaction const& tx) {
        bool const moves = moves_;
        if (moves) {
            if (auto moved = move(tx); !moved) return at_start(std::move(moved).error());
            if (auto looked = look(tx); !looked) return std::move(looked).error();
        }
        if (!configured_ && !key_) {
            if (check_) return key_wrong("the database was sealed under a configured sealing_key, and none is given");
            key_ = std::string(crypto::generate_key_text(*random_).reveal());
            if (auto put = put_fact(tx, kKeyFact, *key_); !put) return std::move(put).error();
        }
        auto const sealer = unproved();
        if (!sealer) return sealer.error();
        if (!check_) {
            check_ = seal_fact(*sealer, kCheckFact, kCheckText);
            if (auto put = put_fact(tx, kCheckFact, *check_); !put) return std::move(put).error();
        }
        if (!root_) {
            root_ = seal_fact(*sealer, kRootFact, crypto::generate_key_text(*random_).reveal());
            if (auto put = put_fact(tx, kRootFact, *root_); !put) return std::move(put).error();
        }
        return moves;
    }

    /// Of a settled database.
    Result<crypto::Sealer> sealer() const {
        auto sealer = unproved();
        if (!sealer) return sealer;
        auto const check = open_fact(*sealer, kCheckFact, check_.value());
        if (!check) return at_start(check.error());
        if (check->reveal() != kCheckText) return key_wrong("the database was sealed with another sealing_key");
        auto const root_text = open_fact(*sealer, kRootFact, root_.value());
        if (!root_text) return at_start(root_text.error());
        auto const root = crypto::key_from_text(root_text->reveal());
        if (!root) return root.error();
        sealer->derive_from(*root);
        return sealer;
    }

 private:
    Result<crypto::Sealer> make_sealer(Secret const& key) const {
        auto sealer = crypto::Sealer::from_text(key, random_);
        if (!sealer) return sealer;
        for (auto const& old : old_) sealer->open_also(old);
        return sealer;
    }

    /// It may be another one than the database needs.
    Result<crypto::Sealer> unproved() const { return configured_ ? *configured_ : make_sealer(Secret(key_.value())); }

    Result<void> move(Transaction const& tx) const {
        auto const key = crypto::key_from_text(key_.value());
        if (!key) return key.error();
        auto both = configured_.value();
        both.open_also(*key);
        if (auto const count = reseal_all(tx, both); !count) return count.error();
        auto const removed = remove_key(tx);
        return removed ? Result<void>() : Result<void>(removed.error());
    }

    std::shared_ptr<Random> random_;
    std::vector<crypto::Key> old_;
    std::optional<crypto::Sealer> configured_{};
    std::optional<std::string> key_{};
    std::optional<std::string> check_{};
    std::optional<std::string> root_{};
    bool moves_ = false;  ///< All of it is under the key that stands in the database, and now another is configured.
};

}  // namespace

Result<crypto::Sealer> open_sealer(store::Store& store, SealingKeys const& keys, std::shared_ptr<Random> random,
                                   telemetry::Logger const& log) {
    auto old = crypto::keys_from_text(keys.old.reveal());
    if (!old) return std::move(old).error();
    Opening opening(std::move(random), std::move(*old));
    if (!keys.current.empty()) {
        if (auto configured = opening.configure(keys.current); !configured) return std::move(configured).error();
    }
    auto const looked = store.read({store::Scope::installation()}, {}, [&](Read& read) { return opening.look(read); });
    if (!looked) return looked.error();
    bool moved = false;
    if (!opening.is_settled()) {
        auto const written = store.write_and_wait(
            {store::Scope::installation()}, [&](Transaction& tx, TransactionState&) -> Result<void> {
                moved = false;  // this may run twice, and another process may have been first
                if (auto again = opening.look(tx); !again || opening.is_settled()) return again;
                auto const settled = opening.settle(tx);
                if (!settled) return settled.error();
                moved = *settled;
                return {};
            });
        if (!written) return written.error();
    }
    if (moved) {
        log.warning("everything is sealed under the configured sealing_key now; the one in the database is removed");
    }
    if (opening.ignores_key()) {
        log.warning("a sealing_key stands in the database, which has a configured one: it is ignored");
    }
    return opening.sealer();
}

Result<Resealed> reseal(store::Store& store, crypto::Sealer const& sealer, bool is_configured) {
    Resealed result;
    auto written =
        store.write_and_wait({store::Scope::installation()}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            result = {.key_id = sealer.key_id()};  // this may run twice
            auto const count = reseal_all(tx, sealer);
            if (!count) return count.error();
            result.count = *count;
            if (!is_configured) return {};
            auto const removed = remove_key(tx);
            if (!removed) return removed.error();
            result.kept_key_removed = *removed;
            return {};
        });
    if (!written) return std::move(written).error();
    return result;
}

}  // namespace nexpo::backend
