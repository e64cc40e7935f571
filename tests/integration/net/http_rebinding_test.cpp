// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "name_server.hpp"
#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

/// The whole way with nothing replaced: the system's resolver asks a hostile name server, whose first answer is a
/// public address and whose second one is this machine.
void rebind(testing::TempDir const& directory) {
    ASSERT_TRUE(replace_names(directory));
    NameServer const names({kPublic, "127.0.0.1"});
    ScriptServer const server([](Peer& peer) {
        while (peer.read()) peer.answer(200);
    });
    auto const client = HttpClient::create({.resolving = {.keep_for = std::chrono::milliseconds(0)}}).value();
    HttpRequest const request{.url = server.url("/", "rebind.test")};
    EXPECT_EQ(reason(client->send(request)), "status 200");
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(reason(client->send(request)), "address_refused");
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(names.answered(), 2);
    auto operators = request;
    operators.source = UrlSource::configuration;
    EXPECT_EQ(reason(client->send(operators)), "status 200") << "only the guard was in the way";
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpRebinding, DoesNotPassTheGuard) {
    int const status = run_isolated(&rebind);
    if (status == kCannotIsolate) GTEST_SKIP() << "this system gives no network namespace";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nexpo::net
