// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::drivers {

/// What stands in `Authorization`, and for how long it is good.
struct Authorization {
    Secret value{};
    std::chrono::seconds life{0};
};

/// Gets an authorization, keeps it, and gets another one some minutes before it ends. While no other can be had the one
/// that is still good is used. Thread-safe: one caller asks, the others wait for what it gets.
class Authorizations {
 public:
    using Ask = std::function<Result<Authorization>()>;

    Authorizations(std::shared_ptr<Clock> clock, Ask ask) : clock_(std::move(clock)), ask_(std::move(ask)) {}

    /// Errors: those of `credentials_…`.
    Result<Secret> get();
    /// The service does not take it: the next `get` asks anew, unless somebody has done so meanwhile.
    void refuse(Secret const& value);

 private:
    using Time = std::chrono::steady_clock::time_point;

    std::shared_ptr<Clock> const clock_;
    Ask const ask_;
    std::mutex mutex_;
    Secret value_;
    Time renew_at_{};
    Time end_{};
};

// The errors of whoever gives authorizations. `why` holds no secret.

/// Nobody answered, or with a failure of theirs: unavailable.
Error credentials_unavailable(std::string why);
/// What we showed is not taken, or there is nothing to show: unauthenticated.
Error credentials_refused(std::string why);

/// `Bearer …` out of the answer of a token endpoint (RFC 6749 section 5.1), which `who` gave with this status.
/// `life_of_expiry` is for answers that say when a token ends instead of how long it lasts.
Result<Authorization> bearer_of(std::string_view who, int status, std::string const& body,
                                std::function<std::int64_t(Json const&)> const& life_of_expiry = {});

/// A file of at most 64 KiB, such as a key or a token that others renew. Errors: `credentials_refused`.
Result<Secret> read_credential_file(std::string const& path);

}  // namespace nexpo::drivers
