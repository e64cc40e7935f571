// SPDX-License-Identifier: Apache-2.0
#include "crypto/claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace nexpo::crypto {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// A NumericDate (RFC 7519 section 2): a JSON number of seconds, whole or not. Nothing outside of the timestamps'
/// range, where the sums with a leeway could overflow.
std::optional<Timestamp> numeric_date(Json const& value) {
    auto const first = std::chrono::floor<seconds>(min_timestamp().time_since_epoch()).count();
    auto const last = std::chrono::floor<seconds>(max_timestamp().time_since_epoch()).count();
    if (auto const* whole = value.if_integer()) {
        if (*whole < first || *whole > last) return std::nullopt;
        return Timestamp(seconds(*whole));
    }
    if (auto const* fraction = value.if_number()) {
        if (!(*fraction >= static_cast<double>(first) && *fraction <= static_cast<double>(last))) return std::nullopt;
        return Timestamp(microseconds(static_cast<std::int64_t>(std::floor(*fraction * 1e6))));
    }
    return std::nullopt;
}

/// Whether an optional point in time lies at `latest` or before.
bool absent_or_reached(Json const* value, Timestamp latest) {
    if (value == nullptr) return true;
    auto const time = numeric_date(*value);
    return time && *time <= latest;
}

bool is_text(Json const* value, std::string_view text) {
    auto const* found = value != nullptr ? value->if_string() : nullptr;
    return found != nullptr && *found == text;
}

bool names_audience(Json const* value, std::string_view audience) {
    auto const* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr) return is_text(value, audience);
    return std::ranges::all_of(*list, [](Json const& entry) { return entry.if_string() != nullptr; }) &&
           std::ranges::any_of(*list, [&](Json const& entry) { return is_text(&entry, audience); });
}

TokenFault fault_of(Json const& claims, ClaimRules const& rules, Timestamp now) {
    auto const leeway = std::clamp(rules.leeway, seconds(0), seconds(60));
    auto const* expiry_claim = claims.find("exp");
    auto const expiry = expiry_claim != nullptr ? numeric_date(*expiry_claim) : std::nullopt;
    if (!expiry) return TokenFault::time;
    if (!absent_or_reached(claims.find("nbf"), now + leeway)) return TokenFault::time;
    if (!absent_or_reached(claims.find("iat"), now + leeway)) return TokenFault::time;
    if (rules.issuer.empty() || !is_text(claims.find("iss"), rules.issuer)) return TokenFault::issuer;
    if (rules.audience.empty() || !names_audience(claims.find("aud"), rules.audience)) return TokenFault::audience;
    auto const* subject = claims.find("sub");
    if (subject == nullptr || subject->if_string() == nullptr || subject->if_string()->empty()) {
        return TokenFault::subject;
    }
    // Last, so that only a token that is ours in all other respects is told that it has expired.
    return now < *expiry + leeway ? TokenFault::none : TokenFault::expired;
}

}  // namespace

Result<void> check_claims(Json const& claims, ClaimRules const& rules, Timestamp now, TokenFault* detail) {
    auto const fault = fault_of(claims, rules, now);
    if (fault != TokenFault::none) return refuse_token(fault, detail);
    return {};
}

}  // namespace nexpo::crypto
