// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// `login.try`, an operation with credentials, and `notes.count`, one without.
OperationTable limited_table() {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "login.try",
                                    .kind = OperationKind::mutation,
                                    .access = Access::anyone,
                                    .credentials = true,
                                    .account_field = "word"},
                           .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{.word = "in"}; }});
    for (auto const* name : {"notes.count", "notes.list"}) {
        table.add<Ping, Pong>({.info = {.name = name, .permission = "notes:read"},
                               .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{}; }});
    }
    table.add<Ping, Pong>({.info = {.name = "notes.public", .access = Access::anyone},
                           .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{}; }});
    table.add<Ping, Pong>(note_operation({.name = "notes.add", .permission = "notes:write"}));
    return table;
}

constexpr LimitsConfig kOff{.address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0};

LimitsConfig limits(std::int64_t address, std::int64_t account, std::int64_t caller) {
    return {.address_per_minute = address, .account_per_minute = account, .caller_per_minute = caller};
}

/// A call of `login.try` from an address.
Outcome try_login(TestPipeline& test, std::string address, std::string account) {
    auto request = test.request(Caller{}, {.word = std::move(account)});
    request.address = std::move(address);
    return test.run("login.try", std::move(request));
}

void expect_limited(Outcome const& outcome, std::string_view limit, seconds retry_after) {
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Errc::resource_exhausted);
    EXPECT_EQ(outcome.result.error().reason, "rate_limited");
    ASSERT_TRUE(outcome.result.error().retry_after);
    EXPECT_EQ(*outcome.result.error().retry_after, retry_after);
    ASSERT_TRUE(outcome.limit);
    EXPECT_EQ(outcome.limit->name, limit);
    EXPECT_FALSE(outcome.limit->allowed);
    EXPECT_EQ(outcome.limit->remaining, 0);
}

TEST(PipelineLimits, RefuseAnAddressBeforeTheCallerIsIdentified) {
    TestPipeline test(limited_table(), {.limits = limits(2, 0, 0)});
    EXPECT_TRUE(try_login(test, "192.0.2.1", "ada").result);
    EXPECT_TRUE(try_login(test, "192.0.2.1", "bob").result);
    test.steps.take();
    auto request = test.request(BearerToken{"member"}, {.word = "cleo"});
    request.address = "192.0.2.1";
    expect_limited(test.run("login.try", std::move(request)), "address", seconds(30));
    EXPECT_THAT(test.steps.take(), IsEmpty());
    EXPECT_TRUE(try_login(test, "192.0.2.2", "ada").result) << "another address";
    test.clock->advance(seconds(30));
    EXPECT_TRUE(try_login(test, "192.0.2.1", "ada").result);
    EXPECT_FALSE(try_login(test, "192.0.2.1", "ada").result);
}

TEST(PipelineLimits, CountANetworkOfIpv6AsOneAddress) {
    TestPipeline test(limited_table(), {.limits = limits(1, 0, 1)});
    EXPECT_TRUE(try_login(test, "2001:db8:1:2::1", "ada").result);
    expect_limited(try_login(test, "2001:db8:1:2:ffff::2", "bob"), "address", seconds(60));
    EXPECT_TRUE(try_login(test, "2001:db8:1:3::1", "ada").result);
}

TEST(PipelineLimits, CountAddressesForCredentialsOnly) {
    TestPipeline test(limited_table(), {.limits = limits(1, 0, 0)});
    for (int i = 0; i < 5; ++i) {
        auto request = test.request(BearerToken{"member"}, {.word = "hello"});
        request.address = "192.0.2.1";
        EXPECT_TRUE(test.run("notes.count", std::move(request)).result);
        EXPECT_TRUE(try_login(test, "", "ada").result) << "a call in-process has no address";
    }
}

TEST(PipelineLimits, RefuseUnknownTokensUnseenWhereTooManyFailed) {
    TestPipeline test(limited_table(), {.limits = {.caller_per_minute = 0, .failed_identity_per_minute = 2}});
    auto const from = [&](std::string address, std::string token) {
        auto request = test.request(BearerToken{std::move(token)}, {.word = "hello"});
        request.address = std::move(address);
        return test.run("notes.count", std::move(request));
    };
    EXPECT_TRUE(from("192.0.2.1", "fresh").result) << "success costs nothing";
    for (auto const* forged : {"forged", "forged again"}) {
        EXPECT_EQ(from("192.0.2.1", forged).result.error().reason, "token_invalid");
    }
    expect_limited(from("192.0.2.1", "forged"), "identity", seconds(30));
    expect_limited(from("192.0.2.1", "fresh"), "identity", seconds(30));
    EXPECT_TRUE(from("192.0.2.1", "member").result) << "who is remembered";
    EXPECT_TRUE(from("192.0.2.2", "fresh").result) << "another address";
    for (int i = 0; i < 5; ++i) EXPECT_EQ(from("", "forged").result.error().reason, "token_invalid");
    test.clock->advance(seconds(30));
    EXPECT_TRUE(from("192.0.2.1", "fresh").result);
    EXPECT_EQ(from("192.0.2.1", "forged").result.error().reason, "token_invalid");
    expect_limited(from("192.0.2.1", "forged"), "identity", seconds(30));
}

TEST(PipelineLimits, CountNoFailureOfOursAgainstAnAddress) {
    TestPipeline test(limited_table(), {.limits = {.caller_per_minute = 0, .failed_identity_per_minute = 1}});
    for (int i = 0; i < 5; ++i) {
        auto request = test.request(BearerToken{"down"}, {.word = "hello"});
        request.address = "192.0.2.1";
        EXPECT_EQ(test.run("notes.count", std::move(request)).result.error().reason, "database_busy");
    }
}

TEST(PipelineLimits, RefuseACallerBeforeAuthorizing) {
    TestPipeline test(limited_table(), {.limits = limits(0, 0, 1)});
    EXPECT_EQ(test.call("notes.add", "viewer", {.word = "hello"}).result.error().code, Errc::permission_denied);
    test.steps.take();
    expect_limited(test.call("notes.add", "viewer", {.word = "hello"}), "caller", seconds(60));
    EXPECT_THAT(test.steps.take(), ElementsAre("identify"));
    test.clock->advance(seconds(60));
    EXPECT_EQ(test.call("notes.add", "viewer", {.word = "hello"}).result.error().code, Errc::permission_denied);
}

TEST(PipelineLimits, CountCallersAndOperationsApart) {
    TestPipeline test(limited_table(), {.limits = limits(0, 0, 1)});
    EXPECT_TRUE(test.call("notes.count", "member", {.word = "hello"}).result);
    EXPECT_TRUE(test.call("notes.list", "member", {.word = "hello"}).result);
    EXPECT_TRUE(test.call("notes.count", "viewer", {.word = "hello"}).result);
    auto elsewhere = FakeIdentifier::caller("member");
    elsewhere.organization_id = "org_2";
    EXPECT_TRUE(test.run("notes.count", test.request(elsewhere, {.word = "hello"})).result);
    EXPECT_FALSE(test.call("notes.count", "member", {.word = "hello"}).result);
}

TEST(PipelineLimits, CountAnonymousCallersByAddress) {
    TestPipeline test(limited_table(), {.limits = limits(0, 0, 1)});
    auto const from = [&](std::string address) {
        auto request = test.request(Caller{}, {.word = "hello"});
        request.address = std::move(address);
        return test.run("notes.public", std::move(request));
    };
    EXPECT_TRUE(from("192.0.2.1").result);
    EXPECT_TRUE(from("192.0.2.2").result);
    expect_limited(from("192.0.2.1"), "caller", seconds(60));
    EXPECT_TRUE(from("").result);
    EXPECT_TRUE(from("").result);
}

TEST(PipelineLimits, DoNotCountCredentialsAgainstTheCaller) {
    TestPipeline test(limited_table(), {.limits = limits(0, 0, 1)});
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(try_login(test, "192.0.2.1", "ada").result);
}

TEST(PipelineLimits, RefuseAnAccountWhateverItsSpelling) {
    TestPipeline test(limited_table(), {.limits = limits(0, 2, 0)});
    EXPECT_TRUE(try_login(test, "192.0.2.1", "Ada@x").result);
    EXPECT_TRUE(try_login(test, "192.0.2.2", " ada@X ").result);
    expect_limited(try_login(test, "192.0.2.3", "ADA@x"), "account", seconds(30));
    EXPECT_TRUE(try_login(test, "192.0.2.3", "bob@x").result);
    test.clock->advance(seconds(60));
    EXPECT_TRUE(try_login(test, "192.0.2.1", "ada@x").result);
}

TEST(PipelineLimits, CountOnlyValidInputAgainstAnAccount) {
    TestPipeline test(limited_table(), {.limits = limits(0, 1, 0)});
    EXPECT_EQ(try_login(test, "192.0.2.1", "").result.error().reason, "validation_failed");
    EXPECT_TRUE(try_login(test, "192.0.2.1", "ada").result);
}

TEST(PipelineLimits, OfZeroAreOff) {
    TestPipeline test(limited_table(), {.limits = kOff});
    for (int i = 0; i < 2'000; ++i) {
        auto const login = try_login(test, "192.0.2.1", "ada");
        ASSERT_TRUE(login.result);
        EXPECT_FALSE(login.limit);
        ASSERT_TRUE(test.call("notes.count", "member", {.word = "hello"}).result);
    }
}

TEST(PipelineLimits, DoNotHoldForTheSystem) {
    TestPipeline test(limited_table(), {.limits = limits(1, 1, 1)});
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(test.call_as_system("login.try", {.word = "ada"}).result);
        auto const outcome = test.call_as_system("notes.count", {.word = "hello"});
        EXPECT_TRUE(outcome.result);
        EXPECT_FALSE(outcome.limit);
    }
}

TEST(PipelineLimits, ReportTheTightestThatWasApplied) {
    TestPipeline test(limited_table(), {.limits = limits(10, 3, 5)});
    auto const login = try_login(test, "192.0.2.1", "ada");
    ASSERT_TRUE(login.limit);
    EXPECT_EQ(login.limit->name, "account");
    EXPECT_EQ(login.limit->limit, 3);
    EXPECT_EQ(login.limit->remaining, 2);
    EXPECT_TRUE(login.limit->allowed);
    auto const counted = test.call("notes.count", "member", {.word = "hello"});
    ASSERT_TRUE(counted.limit);
    EXPECT_EQ(counted.limit->name, "caller");
    EXPECT_EQ(counted.limit->remaining, 4);
}

TEST(PipelineLimits, AreReportedWithFailuresToo) {
    TestPipeline test(limited_table(), {.limits = limits(0, 0, 5)});
    auto const denied = test.call("notes.add", "viewer", {.word = "hello"});
    EXPECT_FALSE(denied.result);
    ASSERT_TRUE(denied.limit);
    EXPECT_EQ(denied.limit->remaining, 4);
}

}  // namespace

}  // namespace nexpo::operation
