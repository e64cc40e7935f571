// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "auth/access_token.hpp"
#include "calls/backend.hpp"
#include "calls/raw_verify.hpp"

namespace nexpo::bench {

namespace {

/// Signed in several times to an organization with many users, with as many different access tokens as are asked for.
class SignedIn {
 public:
    SignedIn(Backend const& backend, Options const& options) : auth_(backend.as_anonymous().auth()) {
        Secret const password(random_name());
        auto const email = random_name() + "@example.com";
        sessions_.push_back(auth_.sign_up({.email = email, .password = password}).value());
        while (sessions_.size() < kSessions) {
            sessions_.push_back(auth_.login({.email = email, .password = password}).value());
        }
        add_users(backend.authenticate(Secret(sessions_.front().access_token)).value().users(), options.users);
    }

    /// A little more than asked for. The sessions refresh at the same time, as durable writes are quicker together.
    std::vector<Secret> fresh_tokens(std::size_t count) {
        std::vector<std::vector<Secret>> fresh(kSessions);
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < kSessions; ++i) {
                threads.emplace_back([this, &own = fresh[i], &tokens = sessions_[i], count] {
                    while (own.size() * kSessions < count) {
                        tokens = auth_.refresh({.refresh_token = Secret(tokens.refresh_token)}).value();
                        own.emplace_back(tokens.access_token);
                    }
                });
            }
        }
        std::vector<Secret> all;
        for (auto& own : fresh) std::ranges::move(own, std::back_inserter(all));
        return all;
    }

 private:
    static constexpr std::size_t kSessions = 16;

    Auth auth_;
    std::vector<Tokens> sessions_;
};

constexpr std::size_t kSlice = 64;

/// What there is to be read is made before the time is taken.
std::size_t token_count(Options const& options) {
    constexpr double kTokensPerSecond = 2'000;
    return 4 * kSlice + static_cast<std::size_t>(kTokensPerSecond * options.time.count());
}

/// Both sides take turns, slice by slice.
template <class Accept>
Sides against_raw_verify(JsonWebKey const& key, std::span<std::string const> tokens, Accept accept) {
    RawVerify raw(key);
    std::vector<SignedText> texts;
    texts.reserve(tokens.size());
    for (auto const& token : tokens) texts.push_back(signed_text(token));
    auto const require = [](bool accepted) {
        if (!accepted) throw std::runtime_error("a token was refused");
    };
    Work ours;
    Work theirs;
    for (std::size_t begin = 0; begin + kSlice <= tokens.size(); begin += kSlice) {
        ours.time += timed([&] {
            for (auto i = begin; i < begin + kSlice; ++i) require(accept(tokens[i]));
        });
        theirs.time += timed([&] {
            for (auto i = begin; i < begin + kSlice; ++i) require(raw.verify(texts[i]));
        });
        ours.count += kSlice;
        theirs.count += kSlice;
        if (begin == kSlice) ours = theirs = {};  // the first ones fill the caches
    }
    return {.ours = ours, .theirs = theirs};
}

void authenticate(Backend const& backend, Secret const& token) {
    if (!backend.authenticate(token)) throw std::runtime_error("a token was refused");
}

}  // namespace

/// Verifying tokens that are met for the first time: signature and claims.
Sides measure_unseen_tokens(Options const& options) {
    auto const key = crypto::SigningKey::generate_es256().value();
    auth::AccessTokens const issuer(key, {});
    auto const now = system_clock()->now();
    auto const id = [&](char const* prefix) { return make_id(prefix, now, *system_random()); };
    std::vector<std::string> tokens;
    while (tokens.size() < token_count(options)) {
        tokens.push_back(issuer
                             .make({.account_id = id("acc"),
                                    .organization_id = id("org"),
                                    .session_id = id("ses"),
                                    .token_id = id("tok")},
                                   now)
                             .value());
    }
    return against_raw_verify(from_json<JsonWebKey>(key.public_jwk().dump()).value(), tokens,
                              [&](std::string const& token) { return issuer.read(token, now, nullptr).has_value(); });
}

/// `Backend::authenticate` for such tokens: session and role from the database as well.
Sides measure_unseen_authentications(Options const& options) {
    auto const backend = open_backend(options);
    SignedIn sessions(backend, options);
    auto const fresh = sessions.fresh_tokens(token_count(options));
    std::vector<std::string> tokens;
    for (auto const& token : fresh) tokens.emplace_back(token.reveal());
    return against_raw_verify(
        backend.as_anonymous().auth().keys().value().keys.front(), tokens,
        [&](std::string const& token) { return backend.authenticate(Secret(token)).has_value(); });
}

/// The same for tokens that it knows; once a second it looks into the database for each.
Sides measure_seen_tokens(Options const& options) {
    constexpr std::size_t kTokens = 64;
    auto const backend = open_backend(options);
    auto const tokens = SignedIn(backend, options).fresh_tokens(kTokens);
    auto const round = [&] {
        for (auto const& token : tokens) authenticate(backend, token);
    };
    round();
    Work ours;
    while (ours.time < options.time) {
        ours.time += timed([&] {
            for (int i = 0; i < 100; ++i) round();
        });
        ours.count += 100 * kTokens;
    }
    return {.ours = ours, .theirs = {}};
}

}  // namespace nexpo::bench
