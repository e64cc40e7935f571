// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "net/http_message.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::net {

/// True when sending the request again cannot do more than sending it once: an idempotent method (RFC 9110 section
/// 9.2.2), an `Idempotency-Key` header, or the caller's word.
bool is_repeatable(HttpRequest const& request);

/// True for what may be over at the next try: connections that failed, and the statuses 408, 429, 500, 502, 503, 504.
bool is_transient(Result<HttpResponse> const& outcome);

/// A random time from 0 to min(cap, base * 2^attempt), ends included; `attempt` counts from 0.
std::chrono::milliseconds full_jitter(RetryPolicy const& policy, int attempt, Random& random);

/// How long to wait before attempt number `attempt + 1`, `attempt` of which were made; nothing when the outcome stands.
/// What the server asked for by `Retry-After` is waited for in any case, the jitter comes on top: its clients must not
/// all come back in the same second.
std::optional<std::chrono::milliseconds> retry_wait(RetryPolicy const& policy, int attempt,
                                                    Result<HttpResponse> const& outcome, Timestamp now, Random& random);

}  // namespace nexpo::net
