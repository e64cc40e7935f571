// SPDX-License-Identifier: Apache-2.0
#include "crypto/jws.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/hex.hpp"
#include "token_forge.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::string_view kClaims = R"({"sub":"usr_1"})";

std::vector<std::string> segments_of(std::string const& token) {
    auto const first = token.find('.');
    auto const second = token.find('.', first + 1);
    return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::string join(std::vector<std::string> const& segments) {
    return segments[0] + "." + segments[1] + "." + segments[2];
}

std::string header_with(std::string_view members) {
    return R"({"alg":"ES256")" + std::string(members) + "}";
}

TEST(Jws, VerifiesTheHs256ExampleOfRfc7515) {  // Appendix A.1
    auto const secret =
        base::base64url_decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .value();
    std::vector const keys{VerificationKey(SigningKey::hs256(secret, "a1").value())};
    auto const claims = verify_jws(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        keys, {.typ = "jwt"});
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->dump(), R"({"iss":"joe","exp":1300819380,"http://example.com/is_root":true})");
}

TEST(Jws, VerifiesTheEs256ExampleOfRfc7515) {  // Appendix A.3
    std::vector const keys{VerificationKey::from_jwk(Json::Object{{"kty", "EC"},
                                                                  {"crv", "P-256"},
                                                                  {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                                                                  {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}})
                               .value()};
    std::string const token =
        "eyJhbGciOiJFUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    auto const claims = verify_jws(token, keys, {});
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->find("exp")->if_integer() != nullptr ? *claims->find("exp")->if_integer() : 0, 1300819380);
}

TEST(Jws, VerifiesWhatItSignedWithEveryAlgorithm) {
    Json const claims = Json::Object{{"sub", "usr_1"}, {"aud", Json::Array{"a", "b"}}, {"exp", 1.5}};
    for (auto const& key : {SigningKey::generate_es256().value(), SigningKey::generate(JwsAlgorithm::eddsa).value(),
                            SigningKey::hs256(std::string(32, 's'), "h").value()}) {
        std::vector const keys{VerificationKey(SigningKey::generate_es256().value()),
                               VerificationKey(SigningKey::hs256(std::string(32, 'o'), "other").value()),
                               VerificationKey(key)};
        auto const token = key.sign(claims, "at+jwt");
        auto const verified = verify_jws(token, keys, {.typ = "at+jwt"});
        ASSERT_TRUE(verified);
        EXPECT_EQ(*verified, claims);
        auto const header = Json::parse(base::base64url_decode(segments_of(token)[0]).value()).value();
        EXPECT_EQ(header,
                  (Json(Json::Object{{"alg", to_string(key.algorithm())}, {"kid", key.key_id()}, {"typ", "at+jwt"}})));
    }
}

TEST(Jws, RefusesEveryChangedCharacter) {
    TokenForge const forge;
    for (auto const& key : {forge.key(), SigningKey::generate(JwsAlgorithm::eddsa).value(),
                            SigningKey::hs256(std::string(32, 's'), "h").value()}) {
        auto const token = key.sign(Json::parse(kClaims).value(), "at+jwt");
        std::vector const keys{VerificationKey(key)};
        ASSERT_EQ(TokenForge::fault_with(token, keys), TokenFault::none);
        for (std::size_t i = 0; i < token.size(); ++i) {
            auto changed = token;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            EXPECT_NE(TokenForge::fault_with(changed, keys), TokenFault::none) << i;
        }
    }
}

TEST(Jws, RefusesSegmentsOfOtherTokens) {
    TokenForge const forge;
    auto const mine = segments_of(forge.key().sign(Json::Object{{"sub", "usr_1"}}, "at+jwt"));
    auto const other = segments_of(forge.key().sign(Json::Object{{"sub", "usr_2"}}, "refresh"));
    for (std::size_t i = 0; i < 3; ++i) {
        auto mixed = mine;
        mixed[i] = other[i];
        EXPECT_EQ(forge.fault(join(mixed)), TokenFault::signature) << i;
    }
}

TEST(Jws, RefusesOtherShapes) {
    TokenForge const forge;
    auto const token = forge.key().sign(Json::parse(kClaims).value(), "at+jwt");
    auto const parts = segments_of(token);
    struct Case {
        std::string token;
        TokenFault fault;
    };
    Case const cases[] = {
        {"", TokenFault::form},
        {".", TokenFault::form},
        {"..", TokenFault::header},
        {"...", TokenFault::form},
        {"a.b.c.d.e", TokenFault::form},
        {parts[0] + "." + parts[1], TokenFault::form},
        {token + ".", TokenFault::form},
        {"." + token, TokenFault::form},
        {parts[0] + "." + parts[1] + ".", TokenFault::signature},
        {"." + parts[1] + "." + parts[2], TokenFault::header},
        {parts[0] + ".." + parts[2], TokenFault::signature},
        {token + "=", TokenFault::signature},
        {token + "\n", TokenFault::signature},
        {" " + token, TokenFault::header},
        {parts[0] + "=." + parts[1] + "." + parts[2], TokenFault::header},
        {std::string(3, '\0'), TokenFault::form},
        {"\xff\xfe.\xff.\xff", TokenFault::header},
    };
    for (auto const& test : cases) EXPECT_EQ(forge.fault(test.token), test.fault) << test.token;
}

TEST(Jws, RefusesHeadersThatBreakTheRules) {
    TokenForge const forge;
    auto const deep = std::string(5000, '[') + std::string(5000, ']');
    struct Case {
        std::string header;
        TokenFault fault;
    };
    Case const cases[] = {
        {header_with(""), TokenFault::none},
        {header_with(R"(,"jku":"https://evil.example","jwk":{"kty":"oct"},"x5c":["a"])"), TokenFault::none},
        {"", TokenFault::header},
        {"null", TokenFault::header},
        {"[]", TokenFault::header},
        {R"("ES256")", TokenFault::header},
        {R"({"alg":"ES256"} x)", TokenFault::header},
        {R"({"alg":"none","alg":"ES256"})", TokenFault::header},
        {R"({"alg":"ES256","\u0061lg":"ES256"})", TokenFault::header},
        {header_with(R"(,"kid":"\ud800")"), TokenFault::header},
        {header_with(",\"kid\":\"\xff\""), TokenFault::header},
        {header_with(R"(,"x":)" + deep), TokenFault::size},
        {header_with(R"(,"x":[[[[[]]]]])"), TokenFault::header},
        {"{}", TokenFault::algorithm},
        {R"({"alg":null})", TokenFault::algorithm},
        {R"({"alg":["ES256"]})", TokenFault::algorithm},
        {R"({"alg":"es256"})", TokenFault::algorithm},
        {R"({"alg":"ES256\u0020"})", TokenFault::algorithm},
        {R"({"alg":"ES384"})", TokenFault::algorithm},
        {R"({"alg":"RS256"})", TokenFault::algorithm},
        {header_with(R"(,"crit":["exp"],"exp":1)"), TokenFault::critical},
        {header_with(R"(,"crit":[])"), TokenFault::critical},
        {header_with(R"(,"crit":null)"), TokenFault::critical},
        {header_with(R"(,"b64":false)"), TokenFault::critical},
        {header_with(R"(,"kid":"unknown")"), TokenFault::key},
        {header_with(R"(,"kid":"")"), TokenFault::key},
        {header_with(R"(,"kid":1)"), TokenFault::key},
        {header_with(R"(,"typ":1)"), TokenFault::type},
    };
    for (auto const& test : cases) EXPECT_EQ(forge.fault(forge.es256(test.header, kClaims)), test.fault) << test.header;
}

TEST(Jws, RefusesPayloadsThatAreNoObject) {
    TokenForge const forge;
    for (std::string const payload :
         {"", "null", "[]", "1", R"("text")", R"({"a":1,"a":2})", R"({"a":1)", "{\"a\":\"\xc0\x80\"}"}) {
        EXPECT_EQ(forge.fault(forge.es256(header_with(""), payload)), TokenFault::payload) << payload;
    }
    EXPECT_EQ(
        forge.fault(forge.es256(header_with(""), R"({"a":)" + std::string(1000, '[') + std::string(1000, ']') + "}")),
        TokenFault::payload);
}

TEST(Jws, RefusesNoneInEverySpelling) {
    TokenForge const forge;
    for (auto const* name : {"none", "None", "NONE", "nOnE", ""}) {
        auto const header = R"({"alg":")" + std::string(name) + R"("})";
        auto const input = TokenForge::encode(header) + "." + TokenForge::encode(kClaims) + ".";
        EXPECT_EQ(forge.fault(input), TokenFault::algorithm) << name;
        EXPECT_EQ(forge.fault(input + TokenForge::encode(std::string(64, 'x'))), TokenFault::algorithm) << name;
        EXPECT_EQ(forge.fault(forge.es256(header, kClaims)), TokenFault::algorithm) << name;
    }
}

TEST(Jws, NeverTakesThePublicKeyForASecret) {
    TokenForge const forge;
    auto const jwk = forge.key().public_jwk();
    auto const x = base::base64url_decode(*jwk.find("x")->if_string()).value();
    auto const y = base::base64url_decode(*jwk.find("y")->if_string()).value();
    auto const header = R"({"alg":"HS256","kid":")" + forge.key().key_id() + R"("})";
    // A shared secret beside it must not open the way either.
    auto keys = forge.keys();
    keys.emplace_back(SigningKey::hs256(std::string(32, 's'), "shared").value());
    for (auto const& secret : {jwk.dump(), x, x + y, "\x04" + x + y, *jwk.find("x")->if_string(), std::string()}) {
        auto const token = TokenForge::hs256(secret, header, kClaims);
        EXPECT_EQ(forge.fault(token), TokenFault::algorithm);
        EXPECT_EQ(TokenForge::fault_with(token, keys), TokenFault::key);
    }
    // The other way round: a shared secret's id under ES256.
    EXPECT_EQ(TokenForge::fault_with(forge.es256(header_with(R"(,"kid":"shared")"), kClaims), keys), TokenFault::key);
}

TEST(Jws, RefusesSignaturesOfOtherForms) {
    TokenForge const forge;
    auto const token = forge.es256(header_with(""), kClaims);
    auto const parts = segments_of(token);
    auto const good = base::base64url_decode(parts[2]).value();
    ASSERT_EQ(good.size(), 64u);
    // The order of P-256: one more than the largest R or S.
    auto const order = base::hex_decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
    std::string const zero(32, '\0');
    auto const r = good.substr(0, 32);
    auto const s = good.substr(32);
    auto const der = "\x30\x44\x02\x20" + r + "\x02\x20" + s;
    for (auto const& signature :
         {std::string(), zero + zero, zero + s, r + zero, order + s, r + order, s + r, std::string(64, '\xff'),
          good.substr(0, 63), good + '\0', '\0' + good, good.substr(0, 32), r + s + s, der, std::string(1000, 'x'),
          std::string(zero).replace(31, 1, "\1") + std::string(zero).replace(31, 1, "\1")}) {
        EXPECT_EQ(forge.fault(parts[0] + "." + parts[1] + "." + TokenForge::encode(signature)), TokenFault::signature)
            << base::hex_encode(bytes_of(signature));
    }
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

TEST(Jws, RefusesTruncatedHmac) {
    std::string const secret(32, 's');
    std::vector const keys{VerificationKey(SigningKey::hs256(secret, "h").value())};
    auto const parts = segments_of(TokenForge::hs256(secret, R"({"alg":"HS256"})", kClaims));
    auto const good = base::base64url_decode(parts[2]).value();
    auto const with = [&](std::string const& mac) { return parts[0] + "." + parts[1] + "." + TokenForge::encode(mac); };
    EXPECT_EQ(TokenForge::fault_with(with(good), keys), TokenFault::none);
    for (auto const& mac : {std::string(), good.substr(0, 16), good.substr(0, 31), good + good}) {
        EXPECT_EQ(TokenForge::fault_with(with(mac), keys), TokenFault::signature);
    }
}

TEST(Jws, NeedsAKeyIdWhenSeveralKeysAreLive) {
    TokenForge const forge;
    auto const plain = forge.es256(header_with(""), kClaims);
    auto const named = forge.es256(header_with(R"(,"kid":")" + forge.key().key_id() + R"(")"), kClaims);
    auto keys = forge.keys();
    keys.emplace_back(SigningKey::hs256(std::string(32, 's'), "h").value());
    EXPECT_EQ(TokenForge::fault_with(plain, keys), TokenFault::none) << "one key of this algorithm";
    keys.emplace_back(SigningKey::generate_es256().value());
    EXPECT_EQ(TokenForge::fault_with(plain, keys), TokenFault::key);
    EXPECT_EQ(TokenForge::fault_with(named, keys), TokenFault::none);
    keys.erase(keys.begin());
    EXPECT_EQ(TokenForge::fault_with(named, keys), TokenFault::key) << "a key that is gone is no longer trusted";
    EXPECT_EQ(TokenForge::fault_with(named, {}), TokenFault::algorithm);
}

TEST(Jws, TriesEveryKeyOfTheSameId) {
    auto const before = SigningKey::hs256(std::string(32, 'a'), "shared").value();
    auto const after = SigningKey::hs256(std::string(32, 'b'), "shared").value();
    std::vector const keys{VerificationKey(after), VerificationKey(before)};
    EXPECT_EQ(TokenForge::fault_with(before.sign(Json::Object{}, "JWT"), keys), TokenFault::none);
    EXPECT_EQ(TokenForge::fault_with(after.sign(Json::Object{}, "JWT"), keys), TokenFault::none);
}

TEST(Jws, ComparesTypLikeAMediaType) {
    TokenForge const forge;
    struct Case {
        std::string_view header;
        std::string_view asked;
        TokenFault fault;
    };
    Case const cases[] = {
        {R"(,"typ":"at+jwt")", "at+jwt", TokenFault::none},
        {R"(,"typ":"AT+JWT")", "at+jwt", TokenFault::none},
        {R"(,"typ":"application/at+jwt")", "at+jwt", TokenFault::none},
        {R"(,"typ":"Application/At+Jwt")", "at+jwt", TokenFault::none},
        {R"(,"typ":"at+jwt")", "application/at+jwt", TokenFault::none},
        {R"(,"typ":"anything")", "", TokenFault::none},
        {"", "", TokenFault::none},
        {"", "at+jwt", TokenFault::type},
        {R"(,"typ":"")", "at+jwt", TokenFault::type},
        {R"(,"typ":"JWT")", "at+jwt", TokenFault::type},
        {R"(,"typ":"at+jwt ")", "at+jwt", TokenFault::type},
        {R"(,"typ":"at+jwtx")", "at+jwt", TokenFault::type},
        {R"(,"typ":"text/at+jwt")", "at+jwt", TokenFault::type},
        {R"(,"typ":"application/application/at+jwt")", "at+jwt", TokenFault::type},
        {R"(,"typ":["at+jwt"])", "at+jwt", TokenFault::type},
    };
    for (auto const& test : cases) {
        EXPECT_EQ(forge.fault(forge.es256(header_with(test.header), kClaims), {.typ = test.asked}), test.fault)
            << test.header << " for " << test.asked;
    }
}

TEST(Jws, HoldsTheSizeLimitExactly) {
    TokenForge const forge;
    auto const token = forge.key().sign(Json::parse(kClaims).value(), "JWT");
    EXPECT_EQ(forge.fault(token, {.max_size = token.size()}), TokenFault::none);
    EXPECT_EQ(forge.fault(token, {.max_size = token.size() - 1}), TokenFault::size);
    EXPECT_EQ(forge.fault(std::string(100u << 20u, 'a')), TokenFault::size);
    auto const large = forge.key().sign(Json::Object{{"note", std::string(9000, 'n')}}, "JWT");
    EXPECT_EQ(forge.fault(large), TokenFault::size);
    EXPECT_EQ(forge.fault(large, {.max_size = 131072}), TokenFault::none);
}

TEST(Jws, ServesManyThreads) {
    TokenForge const forge;
    std::vector<int> failed(4, 0);
    {
        std::vector<std::jthread> threads;
        for (auto& count : failed) {
            threads.emplace_back([&forge, &count] {
                for (int i = 0; i < 100; ++i) {
                    auto token = forge.key().sign(Json::Object{{"n", i}}, "JWT");
                    count += forge.fault(token) == TokenFault::none ? 0 : 1;
                    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
                    count += forge.fault(token) == TokenFault::signature ? 0 : 1;
                }
            });
        }
    }
    EXPECT_EQ(failed, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace nexpo::crypto
