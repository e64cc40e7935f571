// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.hpp"
#include "nexpo/api_key.hpp"
#include "nexpo/caller.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"

namespace nexpo::auth {

/// Says which program an API key belongs to. What the database says is remembered for at most a second, so that a
/// removed key is refused within that time by every process, and at once by this one. Thread-safe.
class ApiKeyIdentifier {
 public:
    ApiKeyIdentifier(store::Store& store, std::shared_ptr<Clock> clock, telemetry::Logger log);

    /// Asks `may_look` before the database is asked for a key that is not remembered.
    /// Errors: unauthenticated (`api_key_invalid`, `api_key_expired`), those of `may_look`, and the store's.
    Result<Caller> identify(std::string_view secret, store::ReadLimits const& limits,
                            base::FunctionRef<Result<void>()> may_look);
    /// Nothing that is remembered may be used any more.
    void forget();

 private:
    struct Entry {
        std::shared_ptr<Caller const> caller{};
        std::optional<Timestamp> ends_at{};  ///< The key or its old secret, whichever comes first.
        std::chrono::steady_clock::time_point checked_at{};
    };

    Result<Caller> look_up(std::string const& hash, store::ReadLimits const& limits, Timestamp now);
    void remember(std::string const& hash, Entry entry, std::uint64_t epoch);
    void mark_used(ApiKey const& key, Timestamp now);

    store::Store& store_;
    std::shared_ptr<Clock> clock_;
    telemetry::Logger log_;
    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::uint64_t epoch_ = 0;
};

}  // namespace nexpo::auth
