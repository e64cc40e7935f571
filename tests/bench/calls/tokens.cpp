// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <vector>

#include "calls/backend.hpp"
#include "calls/raw_verify.hpp"

namespace nexpo::bench {

namespace {

/// Signed in to an organization with many users, with as many different access tokens as are asked for.
class SignedIn {
 public:
    SignedIn(Backend const& backend, Options const& options)
        : auth_(backend.as_anonymous().auth()),
          tokens_(auth_.sign_up({.email = random_name() + "@example.com", .password = Secret(random_name())}).value()) {
        add_users(backend.authenticate(Secret(tokens_.access_token)).value().users(), options.users);
    }

    std::vector<Secret> fresh_tokens(std::size_t count) {
        std::vector<Secret> fresh;
        fresh.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            tokens_ = auth_.refresh({.refresh_token = Secret(tokens_.refresh_token)}).value();
            fresh.emplace_back(tokens_.access_token);
        }
        return fresh;
    }

 private:
    Auth auth_;
    Tokens tokens_;
};

void authenticate(Backend const& backend, Secret const& token) {
    if (!backend.authenticate(token)) throw std::runtime_error("a token was refused");
}

}  // namespace

/// `Backend::authenticate` for tokens that it meets for the first time: signature, claims, session and role.
Sides measure_unseen_tokens(Options const& options) {
    constexpr std::size_t kSlice = 64;
    auto const backend = open_backend(options);
    SignedIn session(backend, options);
    RawVerify raw(backend.as_anonymous().auth().keys().value().keys.front());
    Work ours;
    Work theirs;
    auto const slice = [&] {
        auto const tokens = session.fresh_tokens(kSlice);
        std::vector<SignedText> texts;
        texts.reserve(kSlice);
        for (auto const& token : tokens) texts.push_back(signed_text(token.reveal()));
        ours.time += timed([&] {
            for (auto const& token : tokens) authenticate(backend, token);
        });
        theirs.time += timed([&] {
            for (auto const& text : texts) {
                if (!raw.verify(text)) throw std::runtime_error("a signature was refused");
            }
        });
        ours.count += kSlice;
        theirs.count += kSlice;
    };
    slice();  // fills the caches
    ours = {};
    theirs = {};
    while (ours.time + theirs.time < options.time) slice();
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
