// SPDX-License-Identifier: Apache-2.0
#include "auth/token_identifier.hpp"

#include <cstring>

#include "auth/session_store.hpp"

namespace nexpo::auth {

namespace {

/// How old a look at the database may be: revocations in another process hold within this time.
constexpr std::chrono::seconds kMaxAge{1};
/// Per shard; about six kilobytes of memory for ten entries.
constexpr std::size_t kMaxEntries = 512;

Error session_ended() {
    return {Errc::unauthenticated, "session_ended", "the session has ended; sign in again"};
}

}  // namespace

TokenIdentifier::TokenIdentifier(AccessTokens const& tokens, Memberships& memberships, store::Store& store,
                                 std::shared_ptr<Clock> clock, telemetry::Logger log)
    : tokens_(tokens), memberships_(memberships), store_(store), clock_(std::move(clock)), log_(std::move(log)) {}

std::size_t TokenIdentifier::DigestHash::operator()(crypto::Digest const& digest) const noexcept {
    std::size_t hash = 0;  // a digest is as good as random: any of its bytes will do
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

std::atomic<std::uint32_t>& TokenIdentifier::epoch_of(std::string_view account_id) noexcept {
    return epochs_[std::hash<std::string_view>{}(account_id) % epochs_.size()];
}

void TokenIdentifier::forget(std::string_view account_id) noexcept {
    epoch_of(account_id).fetch_add(1, std::memory_order_acq_rel);
}

Result<Identity> TokenIdentifier::identify(std::string_view access_token) {
    return identify(access_token, [] { return Result<void>(); });
}

Result<Identity> TokenIdentifier::identify(std::string_view access_token, base::FunctionRef<Result<void>()> may_look) {
    auto const now = clock_->now();
    auto const steady_now = clock_->steady_now();
    auto const key = crypto::sha256(access_token);
    std::optional<Entry> known;
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock(shard.mutex);
        if (auto const found = shard.entries.find(key); found != shard.entries.end()) {
            known = found->second;
        }
    }
    if (known) {
        auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        if (seconds >= known->identity.token.expires_at) {
            return crypto::refuse_token(crypto::TokenFault::expired, nullptr);
        }
        bool const fresh = steady_now - known->checked_at < kMaxAge &&
                           known->epoch == epoch_of(known->identity.token.account_id).load(std::memory_order_acquire);
        if (fresh) return std::move(known->identity);
    } else {
        if (auto may = may_look(); !may) return std::move(may).error();
        auto read = read_token(access_token, now);
        if (!read) return std::move(read).error();
        known = Entry{.identity = std::move(*read)};
    }
    // The epoch is read before the database: a change after this makes the entry stale at once.
    known->epoch = epoch_of(known->identity.token.account_id).load(std::memory_order_acquire);
    known->checked_at = steady_now;
    if (auto looked = look_up(known->identity, now); !looked) {
        if (looked.error().code == Errc::unauthenticated) drop(key);
        return std::move(looked).error();
    }
    auto identity = known->identity;
    remember(key, std::move(*known));
    return identity;
}

Result<Identity> TokenIdentifier::read_token(std::string_view access_token, Timestamp now) const {
    auto fault = crypto::TokenFault::none;
    auto token = tokens_.read(access_token, now, &fault);
    if (!token) {
        log_.debug("an access token was refused", {{"fault", crypto::to_string(fault)}});
        return std::move(token).error();
    }
    return Identity{.token = std::move(*token)};
}

Result<void> TokenIdentifier::look_up(Identity& identity, Timestamp now) {
    auto const& token = identity.token;
    return store_.read({store::Scope::installation()}, {}, [&](Read& read) -> Result<void> {
        auto session = SessionStore::find(read, token.session_id);
        if (!session) return std::move(session).error();
        if (!*session || !(*session)->is_open(now) || (*session)->account_id != token.account_id)
            return session_ended();
        auto membership = memberships_.find(read, token.account_id, token.organization_id);
        if (!membership) return std::move(membership).error();
        if (!*membership) return session_ended();
        identity.caller = {.kind = CallerKind::account,
                           .account_id = token.account_id,
                           .user_id = std::move((*membership)->user_id),
                           .organization_id = token.organization_id,
                           .session_id = token.session_id,
                           .role = std::move((*membership)->role)};
        return {};
    });
}

void TokenIdentifier::remember(crypto::Digest const& key, Entry entry) {
    auto& shard = shard_of(key);
    std::lock_guard const lock(shard.mutex);
    if (shard.entries.size() >= kMaxEntries && !shard.entries.contains(key)) {
        auto const oldest = entry.checked_at - kMaxAge;
        std::erase_if(shard.entries, [oldest](auto const& item) { return item.second.checked_at < oldest; });
        if (shard.entries.size() >= kMaxEntries) shard.entries.erase(shard.entries.begin());
    }
    shard.entries.insert_or_assign(key, std::move(entry));
}

void TokenIdentifier::drop(crypto::Digest const& key) {
    auto& shard = shard_of(key);
    std::lock_guard const lock(shard.mutex);
    shard.entries.erase(key);
}

}  // namespace nexpo::auth
