// SPDX-License-Identifier: Apache-2.0
#include "auth/refresh_token.hpp"

#include <charconv>

#include "base/base64.hpp"
#include "nexpo/id.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kPrefix = "nxr_";
constexpr std::size_t kIdDigits = 26;

}  // namespace

std::string RefreshTokens::sign(std::string_view text) const {
    return base::base64url_encode(key_.sign(text));
}

std::string RefreshTokens::make(RefreshToken const& token) const {
    auto text = std::string(kPrefix) + token.session_id.substr(token.session_id.size() - kIdDigits) + '_' +
                std::to_string(token.generation);
    auto const signature = sign(text);
    return text + '_' + signature;
}

std::optional<RefreshToken> RefreshTokens::read(std::string_view text) const {
    // The hash is base64url and may hold underscores itself, so the parts are counted from the front.
    if (!text.starts_with(kPrefix) || text.size() < kPrefix.size() + kIdDigits + 2) return std::nullopt;
    auto const session = "ses_" + std::string(text.substr(kPrefix.size(), kIdDigits));
    auto const rest = text.substr(kPrefix.size() + kIdDigits);
    auto const end = rest.find('_', 1);
    if (rest.front() != '_' || end == rest.npos) return std::nullopt;
    auto const signed_part = text.substr(0, kPrefix.size() + kIdDigits + end);
    if (!crypto::constant_time_equal(sign(signed_part), rest.substr(end + 1))) return std::nullopt;

    RefreshToken token{.session_id = session};
    auto const digits = rest.substr(1, end - 1);
    auto const parsed = std::from_chars(digits.data(), digits.data() + digits.size(), token.generation);
    bool const whole = parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size();
    if (!whole || !is_id(session, "ses")) return std::nullopt;
    return token;
}

}  // namespace nexpo::auth
