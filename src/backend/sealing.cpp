// SPDX-License-Identifier: Apache-2.0
#include "backend/sealing.hpp"

#include <optional>

#include "base/base64.hpp"

namespace nexpo::backend {

namespace {

constexpr std::string_view kKeyFact = "sealing_key";
constexpr std::string_view kCheckFact = "sealing_check";
constexpr std::string_view kCheckText = "nexpo";

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

}  // namespace

Result<crypto::Sealer> open_sealer(store::Store& store, Secret const& configured, std::shared_ptr<Random> random) {
    auto const key = configured.empty() ? kept_key(store, *random) : Result<Secret>(configured);
    if (!key) return key.error();
    auto sealer = crypto::Sealer::from_text(*key, random);
    if (!sealer) return sealer;

    auto const check = keep_fact(store, kCheckFact, base::base64url_encode(sealer->seal(kCheckText, kCheckFact)));
    if (!check) return check.error();
    auto const sealed = base::base64url_decode(*check);
    auto const opened = sealed ? sealer->open(*sealed, kCheckFact) : Result<Secret>(Error{});
    if (!opened || opened->reveal() != kCheckText) {
        return key_wrong("the database was sealed with another sealing_key than the one given");
    }
    return sealer;
}

}  // namespace nexpo::backend
