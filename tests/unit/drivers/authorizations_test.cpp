// SPDX-License-Identifier: Apache-2.0
#include "drivers/http/authorizations.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <vector>

#include "drivers/azure/azure_signature.hpp"
#include "nexpo/testing/clock.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::drivers {
namespace {

using namespace std::chrono_literals;

class AuthorizationsTest : public ::testing::Test {
 protected:
    std::string get() {
        auto got = authorizations.get();
        return got ? std::string(got->reveal()) : got.error().reason;
    }

    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    int asked = 0;
    std::chrono::seconds life = 1h;
    bool there = true;
    Authorizations authorizations{clock, [this]() -> Result<Authorization> {
                                      ++asked;
                                      if (!there) return credentials_unavailable("gone");
                                      return Authorization{.value = Secret(std::to_string(asked)), .life = life};
                                  }};
};

TEST_F(AuthorizationsTest, AreKeptUntilSomeMinutesBeforeTheirEnd) {
    EXPECT_EQ(get(), "1");
    clock->advance(56min - 1us);
    EXPECT_EQ(get(), "1");
    clock->advance(1us);
    EXPECT_EQ(get(), "2");
    EXPECT_EQ(get(), "2");
}

TEST_F(AuthorizationsTest, ThatAreShortAreKeptForHalfTheirLife) {
    life = 10s;
    EXPECT_EQ(get(), "1");
    clock->advance(5s - 1us);
    EXPECT_EQ(get(), "1");
    clock->advance(1us);
    EXPECT_EQ(get(), "2");
}

TEST_F(AuthorizationsTest, AreUsedToTheirEndWhileThereAreNoOthers) {
    EXPECT_EQ(get(), "1");
    there = false;
    clock->advance(57min);
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(asked, 2) << "not asked again at once";
    clock->advance(30s);
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(asked, 3);
    clock->advance(3min);
    EXPECT_EQ(get(), "credentials_unavailable");
    there = true;
    EXPECT_EQ(get(), "5");
}

TEST_F(AuthorizationsTest, ThatAreRefusedAreReplacedOnce) {
    EXPECT_EQ(get(), "1");
    authorizations.refuse(Secret("1"));
    EXPECT_EQ(get(), "2");
    authorizations.refuse(Secret("1"));
    EXPECT_EQ(get(), "2") << "somebody has replaced it meanwhile";
}

TEST_F(AuthorizationsTest, AreAskedForOnceByMany) {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([this] { EXPECT_EQ(get(), "1"); });
    }
}

TEST(BearerOf, TakesWhatTokenEndpointsAnswer) {
    auto const reason = [](int status, std::string const& body) {
        auto const bearer = bearer_of("a test", status, body);
        return bearer ? std::string(bearer->value.reveal()) + " " + std::to_string(bearer->life.count())
                      : bearer.error().reason;
    };
    EXPECT_EQ(reason(200, R"({"access_token":"t","expires_in":3599,"token_type":"Bearer"})"), "Bearer t 3599");
    EXPECT_EQ(reason(200, R"({"access_token":"t","expires_in":"60"})"), "Bearer t 60");
    EXPECT_EQ(reason(200, R"({"access_token":"t","expires_in":9000000000000000000})"), "Bearer t 86400");
    for (auto const* const body :
         {"", "[]", "t", R"({"expires_in":60})", R"({"access_token":"","expires_in":60})",
          R"({"access_token":"a\r\nX: y","expires_in":60})", R"({"access_token":"a b","expires_in":60})",
          R"({"access_token":"t"})", R"({"access_token":"t","expires_in":0})",
          R"({"access_token":"t","expires_in":-5})", R"({"access_token":"t","expires_in":"x"})",
          R"({"access_token":7,"expires_in":60})"}) {
        EXPECT_EQ(reason(200, body), "credentials_unavailable") << body;
    }
    for (int const status : {404, 410, 429, 500, 503}) EXPECT_EQ(reason(status, "{}"), "credentials_unavailable");
    for (int const status : {201, 302, 400, 401, 403}) EXPECT_EQ(reason(status, "{}"), "credentials_refused");
}

TEST(CredentialFile, IsRefusedWhenItIsMissingEmptyOrTooLong) {
    testing::TempDir const folder;
    auto const path = (folder.path() / "key").string();
    EXPECT_FALSE(read_credential_file(path));
    std::ofstream(path) << "";
    EXPECT_FALSE(read_credential_file(path));
    std::ofstream(path) << "key\n";
    EXPECT_EQ(read_credential_file(path)->reveal(), "key\n");
    std::ofstream(path) << std::string(65'537, 'x');
    EXPECT_FALSE(read_credential_file(path));
    EXPECT_FALSE(read_credential_file(folder.path().string()));
}

TEST(AzureSignature, IsThatOfAnotherImplementation) {
    // Python: base64(hmac.new(b"a key=", (quote(url.lower(), safe="") + "\n1767225600").encode(), sha256).digest())
    auto const expiry = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
    EXPECT_EQ(
        azure_signature("https://NS.servicebus.windows.net/Jobs", {.name = "a policy", .key = Secret("a key=")}, expiry)
            .reveal(),
        "SharedAccessSignature "
        "sr=https%3A%2F%2Fns.servicebus.windows.net%2Fjobs&sig=O2zIJg5zyLLhoz6FAFlQ5Vb6iYJohNaKev1F4T8lP9w%3D&se="
        "1767225600"
        "&skn=a%20policy");
}

}  // namespace
}  // namespace nexpo::drivers
