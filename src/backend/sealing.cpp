// SPDX-License-Identifier: Apache-2.0
#include "backend/sealing.hpp"

#include <optional>

#include "base/base64.hpp"

namespace nexpo::backend {

namespace {

constexpr std::string_view kKeyFact = "sealing_key";
constexpr std::string_view kCheckFact = "sealing_check";
constexpr std::string_view kCheckText = "nexpo";

/// Stores the fact unless there is one, and answers the one that holds.
Result<std::string> keep_fact(store::Store& store, std::string_view name, std::string const& value) {
    std::optional<std::string> kept;
    auto const look = [&](Read const& read) -> Result<void> {
        auto found = read.one<std::string>("SELECT value FROM installation_facts WHERE name = $1", {name});
        if (!found) return std::move(found).error();
        kept = std::move(*found);
        return {};
    };
    if (auto looked = store.read({}, look); !looked) return std::move(looked).error();
    if (kept) return *std::move(kept);
    auto written = store.write_and_wait([&](Transaction& tx, TransactionState&) -> Result<void> {
        auto inserted =
            tx.execute("INSERT INTO installation_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                       {name, value});
        if (!inserted) return std::move(inserted).error();
        return look(tx);
    });
    if (!written) return std::move(written).error();
    return kept.value_or(value);
}

}  // namespace

Result<crypto::Sealer> open_sealer(store::Store& store, Secret const& configured, std::shared_ptr<Random> random) {
    Secret key = configured;
    if (key.empty()) {
        auto kept = keep_fact(store, kKeyFact, std::string(crypto::generate_key_text(*random).reveal()));
        if (!kept) return std::move(kept).error();
        key = Secret(std::move(*kept));
    }
    auto sealer = crypto::Sealer::from_text(key, random);
    if (!sealer) return sealer;

    auto const check = keep_fact(store, kCheckFact, base::base64url_encode(sealer->seal(kCheckText, kCheckFact)));
    if (!check) return check.error();
    auto const sealed = base::base64url_decode(*check);
    auto const opened = sealed ? sealer->open(*sealed, kCheckFact) : Result<Secret>(Error{});
    if (!opened || opened->reveal() != kCheckText) {
        return Error{Errc::failed_precondition, "sealing_key_wrong",
                     "the database was sealed with another sealing_key than the one given"};
    }
    return sealer;
}

}  // namespace nexpo::backend
