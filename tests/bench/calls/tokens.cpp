// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <vector>

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

void authenticate(Backend const& backend, Secret const& token) {
    if (!backend.authenticate(token)) throw std::runtime_error("a token was refused");
}

}  // namespace

/// `Backend::authenticate` for tokens that it meets for the first time: signature, claims, session and role.
Sides measure_unseen_tokens(Options const& options) {
    constexpr std::size_t kSlice = 64;
    constexpr double kTokensPerSecond = 2'000;  // what there is to be read is made before
    auto const backend = open_backend(options);
    SignedIn sessions(backend, options);
    RawVerify raw(backend.as_anonymous().auth().keys().value().keys.front());
    auto const tokens =
        sessions.fresh_tokens(4 * kSlice + static_cast<std::size_t>(kTokensPerSecond * options.time.count()));
    std::vector<SignedText> texts;
    texts.reserve(tokens.size());
    for (auto const& token : tokens) texts.push_back(signed_text(token.reveal()));

    Work ours;
    Work theirs;
    for (std::size_t begin = 0; begin + kSlice <= tokens.size(); begin += kSlice) {
        ours.time += timed([&] {
            for (auto i = begin; i < begin + kSlice; ++i) authenticate(backend, tokens[i]);
        });
        theirs.time += timed([&] {
            for (auto i = begin; i < begin + kSlice; ++i) {
                if (!raw.verify(texts[i])) throw std::runtime_error("a signature was refused");
            }
        });
        ours.count += kSlice;
        theirs.count += kSlice;
        if (begin == kSlice) ours = theirs = {};  // the first ones fill the caches
    }
    return {.ours = ours, .theirs = theirs};
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
