// SPDX-License-Identifier: Apache-2.0
#include "backend/sealing.hpp"

#include <optional>

#include "base/base64.hpp"
#include "operation/idempotency.hpp"

namespace nexpo::backend {

namespace {

constexpr std::string_view kKeyFact = "sealing_key";
/// How long the kept key stays although another one is configured.
constexpr std::string_view kUntilFact = "sealing_key_until";
constexpr std::string_view kCheckFact = "sealing_check";
constexpr std::string_view kCheckText = "nexpo";
/// What is derived (refresh tokens, hashes of idempotency keys) goes by this, so that it outlives the sealing key.
constexpr std::string_view kRootFact = "sealed_root";
constexpr std::string_view kSealedFacts[] = {kCheckFact, kRootFact};

constexpr std::string_view kFind = "SELECT value FROM installation_facts WHERE name = $1";

Result<std::optional<std::string>> find_fact(store::Store& store, std::string_view name) {
    std::optional<std::string> fact;
    auto const looked = store.read({store::Scope::installation()}, {}, [&](Read& read) -> Result<void> {
        auto found = read.one<std::string>(kFind, {name});
        if (!found) return std::move(found).error();
        fact = std::move(*found);
        return {};
    });
    if (!looked) return looked.error();
    return fact;
}

/// Stores the fact unless there is one, and answers the one that holds.
Result<std::string> keep_fact(store::Store& store, std::string_view name, std::string const& value) {
    auto found = find_fact(store, name);
    if (!found) return std::move(found).error();
    if (*found) return std::move(**found);
    std::string kept;
    auto const written =
        store.write_and_wait({store::Scope::installation()}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            auto const inserted =
                tx.execute("INSERT INTO installation_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                           {name, value});
            if (!inserted) return inserted.error();
            auto holds = tx.one<std::string>(kFind, {name});
            if (!holds) return std::move(holds).error();
            kept = holds->value();
            return {};
        });
    if (!written) return written.error();
    return kept;
}

Error key_wrong(std::string message) {
    return {Errc::failed_precondition, "sealing_key_wrong", std::move(message)};
}

/// The key that stands in the database itself; made on the first start.
Result<Secret> kept_key(store::Store& store, Random& random) {
    // The key is written first and so is looked for last: another process may be writing both at this moment.
    auto const check = find_fact(store, kCheckFact);
    auto const key = find_fact(store, kKeyFact);
    if (!key) return key.error();
    if (!check) return check.error();
    if (!*key && *check) return key_wrong("the database was sealed under a configured sealing_key, and none is given");
    auto kept = keep_fact(store, kKeyFact, std::string(crypto::generate_key_text(random).reveal()));
    if (!kept) return std::move(kept).error();
    return Secret(std::move(*kept));
}

/// Opens a fact that was sealed, and seals `otherwise` if there is none.
Result<Secret> sealed_fact(store::Store& store, crypto::Sealer const& sealer, std::string_view name,
                           Secret const& otherwise) {
    auto const kept = keep_fact(store, name, base::base64url_encode(sealer.seal(otherwise.reveal(), name)));
    if (!kept) return kept.error();
    auto const sealed = base::base64url_decode(*kept);
    if (!sealed) return Error{Errc::data_loss, "seal_broken", "a sealed fact of the installation is damaged"};
    auto opened = sealer.open(*sealed, name);
    if (!opened && opened.error().reason == "sealing_key_unknown") return key_wrong(opened.error().message);
    return opened;
}

Result<std::int64_t> reseal_facts(Transaction const& tx, crypto::Sealer const& sealer) {
    std::int64_t count = 0;
    for (auto const name : kSealedFacts) {
        auto const fact = tx.one<std::string>(kFind, {name});
        if (!fact) return fact.error();
        auto const sealed = *fact ? base::base64url_decode(**fact) : std::nullopt;
        if (!sealed || sealer.is_current(*sealed)) continue;
        auto const opened = sealer.open(*sealed, name);
        if (!opened) return opened.error();
        auto const changed = tx.execute("UPDATE installation_facts SET value = $2 WHERE name = $1",
                                        {name, base::base64url_encode(sealer.seal(opened->reveal(), name))});
        if (!changed) return changed.error();
        ++count;
    }
    return count;
}

/// Removes the kept key once a day has passed in which nothing was sealed under it.
Result<void> leave_kept_key(Transaction const& tx, Timestamp now, Resealed& result) {
    auto const key = tx.one<std::string>(kFind, {kKeyFact});
    if (!key) return key.error();
    if (!*key) return {};
    auto const fact = tx.one<std::string>(kFind, {kUntilFact});
    if (!fact) return fact.error();
    auto until = parse_timestamp(fact->value_or(""));
    Result<std::int64_t> changed = 0;
    if (!until || result.count > 0) {
        until = now + operation::kIdempotencyAge;
        changed = tx.execute(
            "INSERT INTO installation_facts (name, value) VALUES ($1, $2)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            {kUntilFact, to_string(*until)});
    } else if (*until <= now) {
        changed = tx.execute("DELETE FROM installation_facts WHERE name = $1 OR name = $2", {kKeyFact, kUntilFact});
        result.kept_key_removed = true;
    }
    if (!changed) return std::move(changed).error();
    if (!result.kept_key_removed) result.kept_key_until = *until;
    return {};
}

}  // namespace

Result<crypto::Sealer> open_sealer(store::Store& store, SealingKeys const& keys, std::shared_ptr<Random> random) {
    auto const old = crypto::keys_from_text(keys.old.reveal());
    if (!old) return old.error();
    auto const current = keys.current.empty() ? kept_key(store, *random) : Result<Secret>(keys.current);
    if (!current) return current.error();
    auto sealer = crypto::Sealer::from_text(*current, random);
    if (!sealer) return sealer;
    for (auto const& key : *old) sealer->open_also(key);
    if (!keys.current.empty()) {
        // The database was started without a configured key: its own is an old one from now on.
        auto const kept = find_fact(store, kKeyFact);
        if (!kept) return kept.error();
        auto const key = *kept ? crypto::key_from_text(**kept) : Result<crypto::Key>(Error{});
        if (key) sealer->open_also(*key);
    }

    auto const check = sealed_fact(store, *sealer, kCheckFact, Secret(std::string(kCheckText)));
    if (!check) return check.error();
    if (check->reveal() != kCheckText) return key_wrong("the database was sealed with another sealing_key");
    auto const root_text = sealed_fact(store, *sealer, kRootFact, crypto::generate_key_text(*random));
    if (!root_text) return root_text.error();
    auto const root = crypto::key_from_text(root_text->reveal());
    if (!root) return root.error();
    sealer->derive_from(*root);
    return sealer;
}

Result<Resealed> reseal(store::Store& store, crypto::Sealer const& sealer, bool is_configured, Timestamp now,
                        std::span<ResealStep const> steps) {
    Resealed result;
    auto written =
        store.write_and_wait({store::Scope::installation()}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            result = {.key_id = sealer.key_id()};  // this may run twice
            auto const facts = reseal_facts(tx, sealer);
            if (!facts) return facts.error();
            result.count = *facts;
            for (auto const& step : steps) {
                auto const count = step(tx, sealer);
                if (!count) return count.error();
                result.count += *count;
            }
            return is_configured ? leave_kept_key(tx, now, result) : Result<void>();
        });
    if (!written) return std::move(written).error();
    return result;
}

}  // namespace nexpo::backend
