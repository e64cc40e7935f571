// SPDX-License-Identifier: Apache-2.0
#include "auth/token_identifier.hpp"

#include <algorithm>
#include <cstring>

#include "auth/session_store.hpp"

namespace nexpo::auth {

namespace {

/// How old a look at the database may be: revocations in another process hold within this time.
constexpr std::chrono::seconds kMaxAge{1};
/// Per shard; about ten kilobytes of memory for ten entries.
constexpr std::size_t kMaxEntries = 512;

Error session_ended() {
    return {Errc::unauthenticated, "session_ended", "the session has ended; sign in again"};
}

}  // namespace

TokenIdentifier::TokenIdentifier(AccessTokens const& tokens, Memberships& memberships, store::Store& store,
                                 std::shared_ptr<Clock> clock, telemetry::Logger log, SigningKeyKeeper const* keeper)
    : tokens_(tokens),
      memberships_(memberships),
      store_(store),
      clock_(std::move(clock)),
      log_(std::move(log)),
      keeper_(keeper) {}

std::size_t TokenIdentifier::TailHash::operator()(std::string_view token) const noexcept {
    // 24 characters hold 144 bits of the signature.
    std::array<std::uint64_t, 3> words{};
    auto const tail = token.substr(token.size() - std::min(token.size(), sizeof words));
    std::memcpy(words.data(), tail.data(), tail.size());
    std::uint64_t hash = 0;
    for (auto const word : words) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32U;
    }
    return static_cast<std::size_t>(hash);
}

TokenIdentifier::Shard& TokenIdentifier::shard_of(std::string_view access_token) noexcept {
    // Not the bits by which the shard's own table goes.
    return shards_[(TailHash{}(access_token) >> 24U) % shards_.size()];
}

std::atomic<std::uint32_t>& TokenIdentifier::epoch_of(std::string_view account_id) noexcept {
    return epochs_[std::hash<std::string_view>{}(account_id) % epochs_.size()];
}

void TokenIdentifier::forget(std::string_view account_id) noexcept {
    epoch_of(account_id).fetch_add(1, std::memory_order_acq_rel);
}

Result<std::shared_ptr<Identity const>> TokenIdentifier::identify(std::string_view access_token,
                                                                  store::ReadLimits const& limits) {
    return identify(access_token, limits, [] { return Result<void>(); });
}

Result<std::shared_ptr<Identity const>> TokenIdentifier::identify(std::string_view access_token,
                                                                  store::ReadLimits const& limits,
                                                                  base::FunctionRef<Result<void>()> may_look) {
    auto const now = clock_->now();
    auto const steady_now = clock_->steady_now();
    Entry known;
    {
        auto& shard = shard_of(access_token);
        std::lock_guard const lock(shard.mutex);
        if (auto const found = shard.entries.find(access_token); found != shard.entries.end()) known = found->second;
    }
    if (known.identity) {
        auto const& token = known.identity->token;
        auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        if (seconds >= token.expires_at) return crypto::refuse_token(crypto::TokenFault::expired, nullptr);
        bool const fresh = steady_now - known.checked_at < kMaxAge && known.removals == tokens_.ring().removals() &&
                           known.epoch == epoch_of(token.account_id).load(std::memory_order_acquire);
        if (fresh) return std::move(known.identity);
    }
    if (!known.identity) {
        if (auto may = may_look(); !may) return std::move(may).error();
    }
    if (keeper_ != nullptr) keeper_->refresh();
    // Epoch and removals are read before what they stand for: a change after this makes the entry stale at once.
    auto const removals = tokens_.ring().removals();
    bool const verified = known.identity && known.removals == removals;
    auto token = verified ? Result<AccessToken>(known.identity->token) : read_token(access_token, now);
    if (!token) return std::move(token).error();
    auto const epoch = epoch_of(token->account_id).load(std::memory_order_acquire);
    auto identity = look_up(std::move(*token), limits, now);
    if (!identity) {
        if (identity.error().code == Errc::unauthenticated) drop(access_token);
        return std::move(identity).error();
    }
    Entry entry{.identity = std::make_shared<Identity const>(std::move(*identity)),
                .checked_at = steady_now,
                .epoch = epoch,
                .removals = removals};
    auto answer = entry.identity;
    remember(access_token, std::move(entry));
    return answer;
}

Result<AccessToken> TokenIdentifier::read_token(std::string_view access_token, Timestamp now) const {
    auto fault = crypto::TokenFault::none;
    auto token = tokens_.read(access_token, now, &fault);
    // Another process may have made a key since the last look.
    bool const unknown_key = fault == crypto::TokenFault::key || fault == crypto::TokenFault::algorithm;
    if (!token && unknown_key && keeper_ != nullptr && keeper_->look_for_unknown_key()) {
        token = tokens_.read(access_token, now, &fault);
    }
    if (!token) log_.debug("an access token was refused", {{"fault", crypto::to_string(fault)}});
    return token;
}

Result<Identity> TokenIdentifier::look_up(AccessToken token, store::ReadLimits const& limits, Timestamp now) {
    Identity identity{.token = std::move(token)};
    auto const read = store_.read({store::Scope::installation()}, limits, [&](Read& read) -> Result<void> {
        auto const& said = identity.token;
        auto session = SessionStore::find(read, said.session_id);
        if (!session) return std::move(session).error();
        if (!*session || !(*session)->is_open(now) || (*session)->account_id != said.account_id) return session_ended();
        auto membership = memberships_.find(read, said.account_id, said.organization_id);
        if (!membership) return std::move(membership).error();
        if (!*membership) return session_ended();
        identity.caller = {.kind = CallerKind::account,
                           .account_id = said.account_id,
                           .user_id = std::move((*membership)->user_id),
                           .organization_id = said.organization_id,
                           .session_id = said.session_id,
                           .role = std::move((*membership)->role)};
        return {};
    });
    if (!read) return read.error();
    return identity;
}

void TokenIdentifier::remember(std::string_view access_token, Entry entry) {
    auto& shard = shard_of(access_token);
    std::lock_guard const lock(shard.mutex);
    if (auto const found = shard.entries.find(access_token); found != shard.entries.end()) {
        found->second = std::move(entry);
        return;
    }
    if (shard.entries.size() >= kMaxEntries) {
        auto const oldest = entry.checked_at - kMaxAge;
        if (shard.swept_at < oldest) {
            std::erase_if(shard.entries, [oldest](auto const& item) { return item.second.checked_at < oldest; });
            shard.swept_at = entry.checked_at;
        }
        if (shard.entries.size() >= kMaxEntries) shard.entries.erase(shard.entries.begin());
    }
    shard.entries.emplace(access_token, std::move(entry));
}

void TokenIdentifier::drop(std::string_view access_token) {
    auto& shard = shard_of(access_token);
    std::lock_guard const lock(shard.mutex);
    if (auto const found = shard.entries.find(access_token); found != shard.entries.end()) shard.entries.erase(found);
}

}  // namespace nexpo::auth
