// SPDX-License-Identifier: Apache-2.0
// Credentials that say nothing to whoever holds them: API keys and refresh tokens.
#include "auth/api_key_secret.hpp"
#include "auth/refresh_token.hpp"
#include "fuzz/fuzz.hpp"
#include "nexpo/testing/random.hpp"

namespace nexpo::fuzz {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void api_key(std::string_view text) {
    if (!auth::is_well_formed_api_key(text)) return;
    require(text.size() == 50 && auth::looks_like_api_key(text), "API keys have one form", text);
    require(std::ranges::all_of(text.substr(4), is_letter_or_digit), "and can be double-clicked", text);
}

void damaged_api_key(std::string_view edits) {
    testing::SeededRandom random(Choices(edits).below(1'000'000));
    auto const genuine = auth::make_api_key_secret(random);
    require(auth::is_well_formed_api_key(genuine), "what is made is well-formed", genuine);
    auto const text = damaged(genuine, edits);
    api_key(text);
    std::size_t changes = text.size() == genuine.size() ? 0 : 2;
    for (std::size_t i = 0; i < std::min(text.size(), genuine.size()); ++i) changes += text[i] == genuine[i] ? 0 : 1;
    if (changes == 1) require(!auth::is_well_formed_api_key(text), "one mistyped letter is found", text);
}

void refresh_token(std::string_view edits) {
    static auth::RefreshTokens const tokens(
        crypto::hkdf_sha256(std::as_bytes(std::span("a key for tests")), "refresh"));
    static auto const genuine = tokens.make({.session_id = "ses_01j8x4mq3he5nr7w0c2k9v6t1b", .generation = 7});
    auto const text = damaged(genuine, edits);
    auto const read = tokens.read(text);
    require(read.has_value() == (text == genuine), "only tokens of ours are read", text);
    require(!read || (read->generation == 7 && tokens.make(*read) == genuine), "and say what we said", text);
    require(!tokens.read(edits) || edits == genuine, "nobody makes one up", edits);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(token) {
    using namespace nexpo::fuzz;
    api_key(input);
    damaged_api_key(input);
    refresh_token(input);
}
