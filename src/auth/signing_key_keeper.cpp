// SPDX-License-Identifier: Apache-2.0
#include "auth/signing_key_keeper.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "auth/signing_key_store.hpp"

namespace nexpo::auth {

namespace {

using std::chrono::seconds;

/// How old a look at the database may be; a new key is published for longer than that before it signs.
constexpr seconds kMaxAge{3};
constexpr seconds kUnknownKeyAge{1};
/// A server that says nothing must not keep all who wait for the look.
constexpr seconds kLookTime{5};
/// Clocks of processes differ, and one may sign with the old key until its next look.
constexpr seconds kMargin{60};

using Keys = std::vector<RingKey>;

/// When it began, or begins, to be retired; nothing while no younger key is there. `keys` are by `active_at`.
std::optional<Timestamp> retired_at(Keys const& keys, std::size_t index) {
    if (index + 1 == keys.size()) return std::nullopt;
    return keys[index + 1].active_at;
}

bool is_done(Keys const& keys, std::size_t index, Timestamp now) {
    auto const retired = retired_at(keys, index);
    return retired && *retired + seconds(keys[index].token_seconds) + kMargin <= now;
}

bool still_signs(Keys const& keys, std::size_t index, Timestamp now) {
    auto const retired = retired_at(keys, index);
    return !retired || now < *retired + kMargin;
}

crypto::JwsAlgorithm algorithm_of(AuthConfig const& config) {
    return config.signing_algorithm == SigningAlgorithm::eddsa ? crypto::JwsAlgorithm::eddsa
                                                               : crypto::JwsAlgorithm::es256;
}

}  // namespace

struct SigningKeyKeeper::State {
    State(store::Store& store, crypto::Sealer const& sealer, AuthConfig const& config, std::shared_ptr<Clock> clock,
          telemetry::Logger log)
        : store(store), sealer(sealer), config(config), clock(std::move(clock)), log(std::move(log)) {}

    store::Store& store;
    crypto::Sealer sealer;
    AuthConfig config;
    std::shared_ptr<Clock> clock;
    telemetry::Logger log;
    std::shared_ptr<SigningKeyRing> ring = std::make_shared<SigningKeyRing>(Keys());
    std::mutex looking;
    std::atomic<std::int64_t> looked_at = 0;        ///< On the steady clock.
    std::atomic<std::uint64_t> looked_version = 0;  ///< Of the ring.
    std::atomic<bool> tending = false;

    void looked(std::chrono::steady_clock::time_point at, std::uint64_t version) {
        looked_version = version;
        looked_at = at.time_since_epoch().count();
    }

    bool is_old(Keys const& keys, Timestamp now) const {
        auto const days = std::chrono::days(config.signing_key_days);
        return config.signing_key_days > 0 && keys.back().active_at <= now && now - keys.back().active_at >= days;
    }

    bool has_work(Keys const& keys, Timestamp now) const {
        if (keys.empty() || is_old(keys, now)) return true;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            bool const outlived = still_signs(keys, i, now) && keys[i].token_seconds < config.access_token_seconds;
            if (outlived || is_done(keys, i, now)) return true;
        }
        return false;
    }

    /// Does what is due and answers the keys that there are then.
    Result<Keys> tend(Transaction const& tx, crypto::SigningKey const& fresh, bool wants_algorithm,
                      Timestamp now) const {
        auto keys = SigningKeyStore::all(tx, sealer, ring->keys()->all);
        if (!keys) return keys;
        bool const other = wants_algorithm && !keys->empty() && keys->back().key.algorithm() != fresh.algorithm();
        if (keys->empty() || other || is_old(*keys, now)) {
            if (auto added = add(tx, *keys, fresh, now); !added) return std::move(added).error();
        }
        Keys kept;
        for (std::size_t i = 0; i < keys->size(); ++i) {
            auto& entry = (*keys)[i];
            if (is_done(*keys, i, now)) {
                if (auto removed = SigningKeyStore::remove(tx, entry.key.key_id()); !removed) return removed.error();
                continue;
            }
            if (still_signs(*keys, i, now) && entry.token_seconds < config.access_token_seconds) {
                entry.token_seconds = config.access_token_seconds;
                auto set = SigningKeyStore::set_token_seconds(tx, entry.key.key_id(), entry.token_seconds);
                if (!set) return std::move(set).error();
            }
            kept.push_back(entry);
        }
        return kept;
    }

    Result<void> add(Transaction const& tx, Keys& keys, crypto::SigningKey const& fresh, Timestamp now) const {
        // Verifiers elsewhere need time to learn of a key, except of the very first one.
        auto active_at = keys.empty() ? now : now + seconds(config.signing_key_publish_seconds);
        if (!keys.empty()) active_at = std::max(active_at, keys.back().active_at + std::chrono::microseconds(1));
        keys.push_back({fresh, now, active_at, config.access_token_seconds});
        return SigningKeyStore::insert(tx, sealer, keys.back());
    }
};

Result<SigningKeyKeeper> SigningKeyKeeper::open(store::Store& store, crypto::Sealer const& sealer,
                                                AuthConfig const& config, std::shared_ptr<Clock> clock,
                                                telemetry::Logger log) {
    SigningKeyKeeper const keeper(std::make_shared<State>(store, sealer, config, std::move(clock), std::move(log)));
    auto& state = *keeper.state_;
    auto const fresh = keeper.make_key();
    if (!fresh) return fresh.error();
    Keys keys;
    auto read = store.read({store::Scope::installation()}, {}, [&](Read& at) -> Result<void> {
        auto all = SigningKeyStore::all(at, sealer, {});
        if (!all) return std::move(all).error();
        keys = std::move(*all);
        return {};
    });
    if (!read) return std::move(read).error();
    auto const now = state.clock->now();
    if (state.has_work(keys, now) || keys.back().key.algorithm() != fresh->algorithm()) {
        auto tended = store.write_and_wait({store::Scope::installation()},
                                           [&](Transaction& tx, TransactionState&) -> Result<void> {
                                               auto after = state.tend(tx, *fresh, true, now);
                                               if (!after) return std::move(after).error();
                                               keys = std::move(*after);
                                               return {};
                                           });
        if (!tended) return std::move(tended).error();
    }
    state.ring->set(std::move(keys));
    state.looked(state.clock->steady_now(), state.ring->version());
    return keeper;
}

std::shared_ptr<SigningKeyRing> const& SigningKeyKeeper::ring() const noexcept {
    return state_->ring;
}

Result<crypto::SigningKey> SigningKeyKeeper::make_key() const {
    return crypto::SigningKey::generate(algorithm_of(state_->config));
}

void SigningKeyKeeper::refresh() const {
    look(kMaxAge);
}

bool SigningKeyKeeper::look_for_unknown_key() const {
    return look(kUnknownKeyAge);
}

bool SigningKeyKeeper::look(seconds min_age) const {
    auto& state = *state_;
    auto const steady_now = state.clock->steady_now();
    auto const last = state.looked_at.load();
    bool const is_young = steady_now.time_since_epoch() - std::chrono::steady_clock::duration(last) < min_age;
    if (is_young && state.looked_version == state.ring->version()) return false;
    std::unique_lock lock(state.looking);
    if (state.looked_at != last) return true;  // somebody else did meanwhile
    Keys keys;
    std::optional<Error> unopened;
    auto const version = state.ring->version();
    auto const known = state.ring->keys();
    auto const read =
        state.store.read({store::Scope::installation()}, {.deadline = state.clock->steady_now() + kLookTime},
                         [&](Read& at) -> Result<void> {
                             unopened.reset();
                             auto all = SigningKeyStore::all(at, state.sealer, known->all, &unopened);
                             if (!all) return std::move(all).error();
                             keys = std::move(*all);
                             return {};
                         });
    bool const is_current = read && state.ring->set_if(version, keys);
    state.looked(read ? steady_now : state.clock->steady_now(),
                 version);  // a failed look may take longer than it holds
    lock.unlock();
    if (!read) {
        state.log.error("the signing keys could not be read", {{"reason", read.error().reason}});
        return false;
    }
    if (unopened) {
        state.log.error("a signing key could not be opened",
                        {{"reason", unopened->reason}, {"detail", unopened->message}});
    }
    auto const now = state.clock->now();
    if (unopened || !is_current || !state.has_work(keys, now) || state.tending.exchange(true)) return true;
    auto fresh = make_key();
    if (!fresh) {
        state.tending = false;
        return true;
    }
    // Whoever has brought us here does not wait for this.
    state.store.write(
        {store::Scope::installation()},
        [shared = state_, fresh = *fresh, now](Transaction& tx, TransactionState&) -> Result<void> {
            auto const tended = shared->tend(tx, fresh, false, now);
            return tended ? Result<void>() : Result<void>(tended.error());
        },
        [shared = state_](Result<void> const& done) {
            if (done) {
                shared->ring->outdate();
            } else {
                shared->log.error("the signing keys could not be changed", {{"reason", done.error().reason}});
            }
            shared->tending = false;
        });
    return true;
}

Result<RingKey> SigningKeyKeeper::rotate(Transaction const& tx, crypto::SigningKey const& fresh, OldKeys old,
                                         Timestamp now) const {
    Keys keys;
    if (old == OldKeys::revoke) {
        if (auto gone = SigningKeyStore::remove_all(tx); !gone) return std::move(gone).error();
    } else {
        auto all = SigningKeyStore::all(tx, state_->sealer, state_->ring->keys()->all);
        if (!all) return std::move(all).error();
        keys = std::move(*all);
    }
    bool const is_under_way =
        !keys.empty() && keys.back().active_at > now && keys.back().key.algorithm() == fresh.algorithm();
    if (!is_under_way) {
        if (auto added = state_->add(tx, keys, fresh, now); !added) return std::move(added).error();
    }
    tx.after_commit([ring = state_->ring, old, newest = keys.back()] {
        if (old == OldKeys::revoke) {
            ring->set({newest});
        } else {
            ring->outdate();
        }
    });
    return keys.back();
}

}  // namespace nexpo::auth
