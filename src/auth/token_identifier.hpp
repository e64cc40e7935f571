// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/access_token.hpp"
#include "auth/ports.hpp"
#include "base/function_ref.hpp"
#include "crypto/digest.hpp"
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
class TokenIdentifier {
 public:
    TokenIdentifier(AccessTokens const& tokens, Memberships& memberships, store::Store& store,
                    std::shared_ptr<Clock> clock, telemetry::Logger log);

    /// Asks `may_look` before the signature of a token is verified that is not remembered.
    /// Errors: unauthenticated (`token_invalid`, `token_expired`, `session_ended`), those of `may_look`, and the
    /// store's.
    Result<Identity> identify(std::string_view access_token, base::FunctionRef<Result<void>()> may_look);
    /// The same, where nobody minds the look.
    Result<Identity> identify(std::string_view access_token);
    /// What is remembered of the account's sessions and roles is out of date.
    void forget(std::string_view account_id) noexcept;

 private:
    struct Entry {
        Identity identity{};
        std::chrono::steady_clock::time_point checked_at{};
        std::uint32_t epoch = 0;
    };
    struct DigestHash {
        std::size_t operator()(crypto::Digest const& digest) const noexcept;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<crypto::Digest, Entry, DigestHash> entries;
    };

    Result<Identity> read_token(std::string_view access_token, Timestamp now) const;
    /// Fills in session and role.
    Result<void> look_up(Identity& identity, Timestamp now);
    std::atomic<std::uint32_t>& epoch_of(std::string_view account_id) noexcept;
    void remember(crypto::Digest const& key, Entry entry);
    void drop(crypto::Digest const& key);
    Shard& shard_of(crypto::Digest const& key) noexcept {
        return shards_[std::to_integer<std::size_t>(key.back()) % shards_.size()];
    }

    AccessTokens const& tokens_;
    Memberships& memberships_;
    store::Store& store_;
    std::shared_ptr<Clock> clock_;
    telemetry::Logger log_;
    std::array<Shard, 16> shards_;
    std::array<std::atomic<std::uint32_t>, 4096> epochs_{};
};

}  // namespace nexpo::auth
