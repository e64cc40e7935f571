// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_identifier.hpp"

#include <algorithm>

#include "auth/api_key_secret.hpp"
#include "auth/api_key_store.hpp"

namespace nexpo::auth {

namespace {

constexpr std::chrono::seconds kMaxAge{1};
constexpr std::size_t kMaxEntries = 4096;
/// How exactly the time of the last use is kept: each note of it is a write.
constexpr std::chrono::minutes kUsePrecision{10};

Error invalid() {
    return {Errc::unauthenticated, "api_key_invalid", "the API key is not valid"};
}

Error expired() {
    return {Errc::unauthenticated, "api_key_expired", "the API key has expired"};
}

}  // namespace

ApiKeyIdentifier::ApiKeyIdentifier(store::Store& store, std::shared_ptr<Clock> clock, telemetry::Logger log)
    : store_(store), clock_(std::move(clock)), log_(std::move(log)) {}

void ApiKeyIdentifier::forget() {
    std::lock_guard const lock(mutex_);
    ++epoch_;
    entries_.clear();
}

Result<Caller> ApiKeyIdentifier::identify(std::string_view secret, store::ReadLimits const& limits,
                                          base::FunctionRef<Result<void>()> may_look) {
    if (!is_well_formed_api_key(secret)) return invalid();
    auto const now = clock_->now();
    auto const hash = api_key_hash(secret);
    bool known = false;
    {
        std::lock_guard const lock(mutex_);
        auto const found = entries_.find(hash);
        if (found != entries_.end()) {
            known = true;
            auto const& entry = found->second;
            bool const fresh = clock_->steady_now() - entry.checked_at < kMaxAge;
            if (fresh && (!entry.ends_at || now < *entry.ends_at)) return *entry.caller;
        }
    }
    if (!known) {
        if (auto may = may_look(); !may) return std::move(may).error();
    }
    auto caller = look_up(hash, limits, now);
    if (known && !caller && caller.error().code == Errc::unauthenticated) {
        std::lock_guard const lock(mutex_);
        entries_.erase(hash);
    }
    return caller;
}

Result<Caller> ApiKeyIdentifier::look_up(std::string const& hash, store::ReadLimits const& limits, Timestamp now) {
    Entry entry{.checked_at = clock_->steady_now()};
    std::uint64_t epoch = 0;
    {
        std::lock_guard const lock(mutex_);
        epoch = epoch_;  // before the database is read: a change after this makes the entry stale
    }
    std::optional<ApiKey> key;
    auto const looked = store_.read({store::Scope::installation()}, limits, [&](Read& read) -> Result<void> {
        auto found = ApiKeyStore::find_by_secret(read, hash, now);
        if (!found) return std::move(found).error();
        key = std::move(*found);
        return {};
    });
    if (!looked) return looked.error();
    if (!key) return invalid();
    if (key->expires_at && now >= *key->expires_at) return expired();

    entry.ends_at = key->expires_at;
    if (key->old_secret_expires_at && *key->old_secret_expires_at > now) {
        // Nobody needs to know which of the two secrets this was: the entry ends when either may.
        entry.ends_at =
            entry.ends_at ? std::min(*entry.ends_at, *key->old_secret_expires_at) : *key->old_secret_expires_at;
    }
    entry.caller = std::make_shared<Caller const>(Caller{.kind = CallerKind::api_key,
                                                         .organization_id = key->organization_id,
                                                         .api_key_id = key->id,
                                                         .scopes = key->scopes});
    mark_used(*key, now);
    auto caller = *entry.caller;
    remember(hash, std::move(entry), epoch);
    return caller;
}

void ApiKeyIdentifier::remember(std::string const& hash, Entry entry, std::uint64_t epoch) {
    std::lock_guard const lock(mutex_);
    if (epoch != epoch_) return;
    if (entries_.size() >= kMaxEntries) entries_.clear();
    entries_.insert_or_assign(hash, std::move(entry));
}

void ApiKeyIdentifier::mark_used(ApiKey const& key, Timestamp now) {
    if (key.last_used_at && now - *key.last_used_at < kUsePrecision) return;
    store_.write(
        {store::Scope::installation()},
        [id = key.id, now](Transaction& tx, TransactionState&) { return ApiKeyStore::mark_used(tx, id, now); },
        [log = log_](Result<void> const& done) {
            if (!done) log.warning("the use of an API key was not noted", {{"reason", done.error().reason}});
        });
}

}  // namespace nexpo::auth
