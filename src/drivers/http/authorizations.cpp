// SPDX-License-Identifier: Apache-2.0
#include "drivers/http/authorizations.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include "drivers/http/json_fields.hpp"

namespace nexpo::drivers {

namespace {

/// Google's metadata server gives the same token until it is nearly over, so earlier would only be more often.
constexpr std::chrono::minutes kEarly{4};
constexpr std::chrono::seconds kAskAgain{30};
constexpr std::int64_t kLongestLife = 86'400;
constexpr std::size_t kMaxFileBytes = 64U << 10;

/// What may stand in a header.
bool is_token(std::string const& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<Secret> Authorizations::get() {
    std::lock_guard const lock(mutex_);
    auto const now = clock_->steady_now();
    if (!value_.empty() && now < renew_at_) return value_;
    auto got = ask_();
    if (!got) {
        if (value_.empty() || now >= end_) return std::move(got).error();
        renew_at_ = std::min(now + kAskAgain, end_);
        return value_;
    }
    value_ = std::move(got->value);
    end_ = now + got->life;
    renew_at_ = end_ - std::min<std::chrono::seconds>(kEarly, got->life / 2);
    return value_;
}

void Authorizations::refuse(Secret const& value) {
    std::lock_guard const lock(mutex_);
    if (value_ == value) value_ = Secret();
}

Error credentials_unavailable(std::string why) {
    return {Errc::unavailable, "credentials_unavailable", std::move(why)};
}

Error credentials_refused(std::string why) {
    return {Errc::unauthenticated, "credentials_refused", std::move(why)};
}

Result<Authorization> bearer_of(std::string_view who, int status, std::string const& body,
                                std::function<std::int64_t(Json const&)> const& life_of_expiry) {
    auto const said = [&](std::string what) { return std::string(who) + ": " + std::move(what); };
    // 404 and 410 come from metadata services that are not ready yet.
    if (status >= 500 || status == 429 || status == 408 || status == 404 || status == 410) {
        return credentials_unavailable(said("status " + std::to_string(status)));
    }
    if (status != 200) return credentials_refused(said("status " + std::to_string(status)));
    auto const answer = Json::parse(body);
    auto const token = answer ? text_at(*answer, "access_token") : std::string();
    auto life = answer ? number_at(*answer, "expires_in", 0) : 0;
    if (answer && life <= 0 && life_of_expiry) life = life_of_expiry(*answer);
    if (!is_token(token) || life <= 0) return credentials_unavailable(said("the answer is no token"));
    return Authorization{.value = Secret("Bearer " + token),
                         .life = std::chrono::seconds(std::min(life, kLongestLife))};
}

Result<Secret> read_credential_file(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    auto const size = static_cast<std::size_t>(file.gcount());
    if (size == 0 || size > kMaxFileBytes) return credentials_refused("the file of the credentials cannot be read");
    text.resize(size);
    return Secret(std::move(text));
}

}  // namespace nexpo::drivers
