// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/access_token.hpp"
#include "auth/ports.hpp"
#include "auth/signing_key_keeper.hpp"
#include "base/function_ref.hpp"
#include "nexpo/caller.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

namespace nexpo::auth {

/// Whom a token speaks for at this moment.
struct Identity {
    AccessToken token{};
    Caller caller{};
};

/// Checks access tokens: signature and claims once per token, session and role from the database at most a second ago,
/// or anew after a change in this process. Thread-safe.
///
/// What it has checked it remembers under the whole text of the token. The hash that finds the place is cheap: only
/// tokens that we signed get into the table, and their hashed part is the signature, which nobody but us chooses. Two
/// tokens that share a hash are told apart by their texts.
class TokenIdentifier {
 public:
    /// `keeper` may be null: then the ring of `tokens` is all there is.
    TokenIdentifier(AccessTokens const& tokens, Memberships& memberships, store::Store& store,
                    std::shared_ptr<Clock> clock, telemetry::Logger log, SigningKeyKeeper const* keeper = nullptr);

    /// Asks `may_look` before the signature of a token is verified that is not remembered.
    /// Errors: unauthenticated (`token_invalid`, `token_expired`, `session_ended`), those of `may_look`, and the
    /// store's.
    Result<std::shared_ptr<Identity const>> identify(std::string_view access_token, store::ReadLimits const& limits,
                                                     base::FunctionRef<Result<void>()> may_look);
    /// The same, where nobody minds the look.
    Result<std::shared_ptr<Identity const>> identify(std::string_view access_token,
                                                     store::ReadLimits const& limits = {});
    /// What is remembered of the account's sessions and roles is out of date.
    void forget(std::string_view account_id) noexcept;

 private:
    struct Entry {
        std::shared_ptr<Identity const> identity{};
        std::chrono::steady_clock::time_point checked_at{};
        std::uint32_t epoch = 0;
        std::uint32_t removals = 0;
    };
    /// Of the end of a token, which is its signature.
    struct TailHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view token) const noexcept;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Entry, TailHash, std::equal_to<>> entries;
        std::chrono::steady_clock::time_point swept_at{};
    };

    Result<AccessToken> read_token(std::string_view access_token, Timestamp now) const;
    /// The token with session and role.
    Result<Identity> look_up(AccessToken token, store::ReadLimits const& limits, Timestamp now);
    std::atomic<std::uint32_t>& epoch_of(std::string_view account_id) noexcept;
    Shard& shard_of(std::string_view access_token) noexcept;
    void remember(std::string_view access_token, Entry entry);
    void drop(std::string_view access_token);

    AccessTokens const& tokens_;
    Memberships& memberships_;
    store::Store& store_;
    std::shared_ptr<Clock> clock_;
    telemetry::Logger log_;
    SigningKeyKeeper const* keeper_;
    std::array<Shard, 16> shards_;
    std::array<std::atomic<std::uint32_t>, 4096> epochs_{};
};

}  // namespace nexpo::auth
