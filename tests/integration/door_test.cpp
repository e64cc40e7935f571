// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::TestBackend;

/// Reads the input from JSON, as a door of an application's own may.
Api::InputReader reader(Json input) {
    return [input = std::move(input)](StructType const& type) -> Result<std::shared_ptr<void>> {
        auto value = type.make();
        if (auto read = from_json(type, value.get(), input); !read) return std::move(read).error();
        return value;
    };
}

CallAnswer call(Api const& api, std::string_view operation, Json input = Json::Object{}) {
    std::promise<CallAnswer> promise;
    api.start(operation, reader(std::move(input)), [&](CallAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
}

Json email(std::string const& address) {
    return Json::Object{{"email", address}};
}

TEST(Door, CallsWithWhatAClientSent) {
    TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const api = test.backend.as_client({.token = Secret(ada.access_token),
                                             .address = "192.0.2.1",
                                             .request_id = "req_mine",
                                             .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
    auto const answer = call(api, "users.create", email("bob@example.com"));
    ASSERT_TRUE(answer.output);
    EXPECT_EQ(test.backend.operation_types("users.create")->output, &struct_type<User>());
    EXPECT_EQ(static_cast<User const*>(answer.output->get())->email, "bob@example.com");
    EXPECT_EQ(answer.request_id, "req_mine");
    EXPECT_EQ(answer.traceparent.substr(0, 35), "00-0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(answer.caller.kind, CallerKind::account);
    EXPECT_FALSE(answer.replayed);
}

TEST(Door, AnswersAgainForTheSameKey) {
    TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const api = test.backend.as_client({.token = Secret(ada.access_token)}).with({.idempotency_key = "once"});
    EXPECT_FALSE(call(api, "users.create", email("bob@example.com")).replayed);
    EXPECT_TRUE(call(api, "users.create", email("bob@example.com")).replayed);
}

TEST(Door, LooksAtTheTokenBeforeTheInput) {
    TestBackend const test;
    bool was_read = false;
    auto const stranger = test.backend.as_client({.token = Secret("forged")});
    stranger.start(
        "users.create",
        [&](StructType const& type) -> Result<std::shared_ptr<void>> {
            was_read = true;
            return type.make();
        },
        [](CallAnswer const& answer) { EXPECT_EQ(answer.output.error().code, Errc::unauthenticated); });
    EXPECT_FALSE(was_read);
    EXPECT_EQ(call(test.backend.as_client({}), "users.me").output.error().code, Errc::unauthenticated);
}

TEST(Door, ASessionThatEndsTakesItsClientAlong) {
    TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const api = test.backend.as_client({.token = Secret(ada.access_token)});
    EXPECT_TRUE(call(api, "users.me").output);
    EXPECT_TRUE(api.auth().logout());
    EXPECT_EQ(call(api, "users.me").output.error().reason, "session_ended");
}

TEST(Door, LimitsStrangersByTheirAddress) {
    TestBackend const test([](Config& config) {
        config.limits.address_per_minute = 2;
        config.limits.failed_identity_per_minute = 2;
    });
    Json const login = Json::Object{{"email", "ada@example.com"}, {"password", "wrong horse"}};
    auto const first = test.backend.as_client({.address = "192.0.2.1"});
    for (int i = 0; i < 2; ++i) EXPECT_EQ(call(first, "auth.login", login).output.error().code, Errc::unauthenticated);
    EXPECT_EQ(call(first, "auth.login", login).output.error().reason, "rate_limited");
    auto const other = test.backend.as_client({.address = "192.0.2.2"});
    EXPECT_EQ(call(other, "auth.login", login).output.error().code, Errc::unauthenticated);

    auto const guesser = test.backend.as_client({.token = Secret("forged"), .address = "192.0.2.3"});
    for (int i = 0; i < 2; ++i) EXPECT_EQ(call(guesser, "users.me").output.error().code, Errc::unauthenticated);
    EXPECT_EQ(call(guesser, "users.me").output.error().reason, "rate_limited");
}

TEST(Door, NamesWhatItCannotCall) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme");
    EXPECT_EQ(call(acme, "users.fly").output.error().reason, "operation_unknown");
    EXPECT_EQ(call(acme, "events.subscribe").output.error().reason, "stream_operation");
    EXPECT_EQ(test.backend.operation_types("users.fly").error().reason, "operation_unknown");
    EXPECT_EQ(test.backend.operation_types("events.subscribe")->output, &struct_type<Event>());
    EXPECT_EQ(call(acme, "users.create", email("nobody")).output.error().violations.at(0).field, "/email");
}

TEST(Door, ManyCallsAreUnderWayOnOneThread) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme");
    std::vector<std::promise<bool>> answers(200);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        acme.start("users.create", reader(email("user" + std::to_string(i) + "@example.com")),
                   [&answer = answers[i]](CallAnswer const& made) { answer.set_value(made.output.has_value()); });
    }
    for (auto& answer : answers) EXPECT_TRUE(answer.get_future().get());
}

TEST(Door, ClosedBackendsRefuse) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme");
    test.backend.close();
    EXPECT_EQ(call(acme, "users.list").output.error().code, Errc::unavailable);
}

}  // namespace

}  // namespace nexpo
