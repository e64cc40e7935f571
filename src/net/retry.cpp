// SPDX-License-Identifier: Apache-2.0
#include "net/retry.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "net/http_date.hpp"

namespace nexpo::net {

bool is_repeatable(HttpRequest const& request) {
    constexpr std::array<std::string_view, 6> kIdempotent{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    return request.repeatable || std::ranges::find(kIdempotent, request.method) != kIdempotent.end() ||
           find_header(request.headers, "Idempotency-Key") != nullptr;
}

bool is_transient(Result<HttpResponse> const& outcome) {
    constexpr std::array<std::string_view, 4> kReasons{"connect_failed", "connection_lost", "name_not_resolved",
                                                       "proxy_failed"};
    constexpr std::array kStatuses{408, 429, 500, 502, 503, 504};
    if (!outcome) return std::ranges::find(kReasons, outcome.error().reason) != kReasons.end();
    return std::ranges::find(kStatuses, outcome->status) != kStatuses.end();
}

std::chrono::milliseconds full_jitter(RetryPolicy const& policy, int attempt, Random& random) {
    constexpr int kMaxDoublings = 30;
    auto const grown = policy.base.count() << std::clamp(attempt, 0, kMaxDoublings);
    auto const most = static_cast<std::uint64_t>(std::clamp<std::int64_t>(grown, 0, policy.cap.count()));
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    random.fill(bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return std::chrono::milliseconds(number % (most + 1));
}

std::optional<std::chrono::milliseconds> retry_wait(RetryPolicy const& policy, int attempt,
                                                    Result<HttpResponse> const& outcome, Timestamp now,
                                                    Random& random) {
    if (attempt >= policy.max_attempts || !is_transient(outcome)) return std::nullopt;
    auto const jitter = full_jitter(policy, attempt - 1, random);
    auto const* header = outcome ? find_header(outcome->headers, "Retry-After") : nullptr;
    auto const asked = header != nullptr ? parse_retry_after(*header, now) : std::nullopt;
    if (!asked) return jitter;
    if (*asked > policy.max_retry_after) return std::nullopt;
    return *asked + jitter;
}

}  // namespace nexpo::net
