// SPDX-License-Identifier: Apache-2.0
#include "nexpo/api_key.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/api_key_secret.hpp"
#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::Database;
using testing::TestBackend;

/// An owner and what a program may do with a key of hers.
struct Fixture : TestBackend {
    using TestBackend::TestBackend;

    Api ada = as(sign_up("ada@example.com"));

    NewApiKey make(std::vector<std::string> scopes, std::optional<Timestamp> expires_at = {}) const {
        return ada.api_keys()
            .create({.name = "importer", .scopes = std::move(scopes), .expires_at = expires_at})
            .value();
    }
    /// The reason for which the secret is refused; `ok` when it is not.
    std::string refusal(std::string const& secret) const {
        auto const api = backend.authenticate(Secret(secret));
        if (!api) return api.error().reason;
        auto const users = api->users().list({});
        return users ? "ok" : users.error().reason;
    }
    std::string as_key(NewApiKey const& key, std::string_view operation, Json const& input = Json::Object{}) const {
        auto const answer = backend.authenticate(Secret(key.secret)).value().invoke(operation, input);
        return answer ? "ok" : answer.error().reason;
    }
};

TEST(ApiKeys, LetProgramsDoWhatTheirScopesSay) {
    Fixture const test;
    auto const key = test.make({"users:read"});
    EXPECT_TRUE(key.secret.starts_with("nxp_"));
    EXPECT_EQ(key.hint, key.secret.substr(key.secret.size() - 4));
    EXPECT_EQ(key.created_by, test.ada.users().me().value().id);

    EXPECT_EQ(test.refusal(key.secret), "ok");
    EXPECT_EQ(test.as_key(key, "users.create", Json(Json::Object{{"email", "bob@example.com"}})), "permission_denied");
    EXPECT_EQ(test.as_key(key, "api_keys.list"), "permission_denied");
    EXPECT_EQ(test.as_key(key, "users.me"), "account_required");
    EXPECT_EQ(test.as_key(key, "auth.logout"), "account_required");
}

TEST(ApiKeys, AreCreatedLikeEverythingElse) {
    Fixture const test;
    auto const tokens =
        test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"}).value();
    auto const post = [&](std::string target, std::string body) {
        return test.backend.gateway().handle(
            {.method = "POST",
             .target = std::move(target),
             .headers = {{"Authorization", "Bearer " + tokens.access_token}, {"Content-Type", "application/json"}},
             .body = std::move(body)});
    };
    auto const made = post("/api-keys", R"({"name":"importer","scopes":["users:read"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    auto const id = *Json::parse(made.body).value().find("id")->if_string();
    EXPECT_EQ(made.header("Location"), "/api-keys/" + id);
    EXPECT_EQ(made.header("ETag"), "\"v1\"");
    auto const rotated = post("/api-keys/" + id + "/rotate", "{}");
    EXPECT_EQ(rotated.status, 200) << rotated.body;
    EXPECT_EQ(rotated.header("ETag"), "\"v2\"");
}

TEST(ApiKeys, AreStoredAsHashesAndShownOnce) {
    Fixture const test;
    auto const key = test.make({"users:read"});
    auto const again = test.ada.api_keys().get({.id = key.id}).value();
    auto expected = to_json(again);
    expected.pop_back();
    EXPECT_EQ(to_json(key), expected + R"(,"secret":")" + key.secret + R"("})");
    EXPECT_FALSE(test.log->contains(key.secret));
    EXPECT_EQ(Database(test).count("auth_api_keys WHERE secret_hash = '" + key.secret + "'"), 0);
}

TEST(ApiKeys, GiveNobodyMoreThanTheirMakerHas) {
    Fixture const test(
        [](Config& config) { config.operations.grant("keeper", "api_keys:write").grant("keeper", "users:read"); });
    auto const strong = test.make({"users:write"});
    auto const keeper = test.backend.as({.kind = CallerKind::account,
                                         .account_id = "acc_1",
                                         .user_id = "usr_1",
                                         .organization_id = strong.organization_id,
                                         .role = "keeper"});
    EXPECT_TRUE(keeper.api_keys().create({.name = "child", .scopes = {"users:read"}}));
    EXPECT_EQ(keeper.api_keys().create({.name = "more", .scopes = {"users:write"}}).error().reason, "scope_not_held");
    EXPECT_EQ(keeper.api_keys().rotate({.id = strong.id}).error().reason, "scope_not_held");
}

TEST(ApiKeys, MakeNoKeysAndGiveNoRights) {
    Fixture const test;
    for (auto const* scope :
         {"api_keys:write", "roles:write", "owners:write", "billing:write", "organizations:remove"}) {
        for (auto const& maker : {test.ada, test.backend.as_system("acme")}) {
            auto const made = maker.api_keys().create({.name = "x", .scopes = {"users:read", scope}});
            ASSERT_FALSE(made) << scope;
            ASSERT_EQ(made.error().violations.size(), 1U) << scope;
            EXPECT_EQ(made.error().violations.front().field, "/scopes/1");
            EXPECT_EQ(made.error().violations.front().rule, "scope_not_grantable");
        }
    }
}

TEST(ApiKeys, ThatWereGivenMoreThanTheyMayHoldDoNotHoldIt) {
    Fixture const test;
    auto const key = test.make({"users:write", "api_keys:read"});
    Database(test).execute("UPDATE auth_api_keys SET scopes = 'users:write api_keys:read api_keys:write roles:write'");
    Json const input(Json::Object{{"name", "child"}, {"scopes", Json::Array{"api_keys:read"}}});
    EXPECT_EQ(test.as_key(key, "api_keys.create", input), "permission_denied");
    EXPECT_EQ(test.as_key(key, "api_keys.rotate", Json(Json::Object{{"id", key.id}})), "permission_denied");
    EXPECT_EQ(test.as_key(key, "api_keys.remove", Json(Json::Object{{"id", key.id}})), "permission_denied");
    Json const admin(Json::Object{{"email", "al@example.com"}, {"role", "admin"}});
    EXPECT_EQ(test.as_key(key, "users.create", admin), "permission_denied");
}

TEST(ApiKeys, GiveNoPasswordsUnlessTheyAreMadeForIt) {
    Fixture const test;
    Json const mallory(Json::Object{{"email", "mallory@example.com"}, {"password", "battery staple"}});
    EXPECT_EQ(test.as_key(test.make({"users:write"}), "users.create", mallory), "permission_denied");
    auto const anonymous = test.backend.as_anonymous().auth();
    EXPECT_FALSE(anonymous.login({.email = "mallory@example.com", .password = "battery staple"}));
    EXPECT_EQ(test.as_key(test.make({"users:write", "accounts:write"}), "users.create", mallory), "ok");
    EXPECT_TRUE(anonymous.login({.email = "mallory@example.com", .password = "battery staple"}));
    Json const bob(Json::Object{{"email", "bob@example.com"}});
    EXPECT_EQ(test.as_key(test.make({"users:write"}), "users.create", bob), "ok");
}

TEST(ApiKeys, ChangeUsersWithTheScopeForIt) {
    Fixture const test;
    auto const bob = test.ada.users().create({.email = "bob@example.com"}).value();
    Json const rename(Json::Object{{"id", bob.id}, {"name", "Bob"}});
    EXPECT_EQ(test.as_key(test.make({"users:write"}), "users.update", rename), "ok");
    EXPECT_EQ(test.ada.users().get({.id = bob.id}).value().name, "Bob");
    EXPECT_EQ(test.as_key(test.make({"profile:write"}), "users.update", rename), "permission_denied")
        << "a key has no profile";
    EXPECT_EQ(test.as_key(test.make({"users:read"}), "users.update", rename), "permission_denied");
    Json const promote(Json::Object{{"id", bob.id}, {"role", "viewer"}});
    EXPECT_EQ(test.as_key(test.make({"users:write"}), "users.update", promote), "permission_denied");
    auto const owner = test.ada.users().me().value();
    Json const rename_owner(Json::Object{{"id", owner.id}, {"name", "Eve"}});
    EXPECT_EQ(test.as_key(test.make({"users:write"}), "users.update", rename_owner), "permission_denied");
}

TEST(ApiKeys, BadInputNamesTheField) {
    Fixture const test;
    auto const error = [&](CreateApiKey const& input) {
        auto const made = test.ada.api_keys().create(input);
        EXPECT_FALSE(made);
        return made.error().violations.empty() ? made.error().reason : made.error().violations.front().field;
    };
    EXPECT_EQ(error({.scopes = {"users:read"}}), "/name");
    EXPECT_EQ(error({.name = "import\x1b[2J", .scopes = {"users:read"}}), "/name");
    EXPECT_EQ(error({.name = "x"}), "/scopes");
    EXPECT_EQ(error({.name = "x", .scopes = std::vector<std::string>(101, "users:read")}), "/scopes");
    EXPECT_EQ(error({.name = "x", .scopes = {"users:" + std::string(95, 'x')}}), "/scopes/0");
    EXPECT_EQ(error({.name = "x", .scopes = {"users:read", "users"}}), "/scopes/1");
    EXPECT_EQ(error({.name = "x", .scopes = {"users:read read"}}), "/scopes/0");
    EXPECT_EQ(error({.name = "x", .scopes = {"users:read", "users:read"}}), "/scopes/1");
    EXPECT_EQ(error({.name = "x", .scopes = {"users:read"}, .expires_at = test.clock->now()}), "/expires_at");
}

TEST(ApiKeys, HoldOnlyPermissionsThatSomethingAsksFor) {
    Fixture const test([](Config& config) { config.operations.grant("editor", "drafts:publish"); });
    auto const refused = test.ada.api_keys().create({.name = "x", .scopes = {"users:read", "user:write"}});
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().violations.size(), 1U);
    auto const& violation = refused.error().violations.front();
    EXPECT_EQ(violation.field, "/scopes/1");
    EXPECT_EQ(violation.rule, "scope_unknown");
    EXPECT_NE(violation.message.find("users:write"), std::string::npos) << violation.message;
    EXPECT_TRUE(test.ada.api_keys().create({.name = "x", .scopes = {"drafts:publish", "profile:write"}}))
        << "what the application grants, and what only a handler asks for";
}

TEST(ApiKeys, AreAtMostAThousandInAnOrganization) {
    Fixture const test;
    auto const first = test.make({"users:read"});
    Database(test).execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)"
        " INSERT INTO auth_api_keys (id, organization_id, name, scopes, hint, secret_hash, created_by, created_at, "
        "version)"
        " SELECT 'key_' || i, organization_id, name, scopes, hint, 'hash ' || i, created_by, created_at, version"
        " FROM auth_api_keys, n");
    auto const last = test.ada.api_keys().create({.name = "the last", .scopes = {"users:read"}});
    ASSERT_TRUE(last);
    auto const refused = test.ada.api_keys().create({.name = "one more", .scopes = {"users:read"}});
    EXPECT_EQ(refused.error().code, Errc::failed_precondition);
    EXPECT_EQ(refused.error().reason, "too_many_api_keys");
    EXPECT_TRUE(test.as(test.sign_up("eve@example.com")).api_keys().create({.name = "x", .scopes = {"users:read"}}))
        << "another organization";
    ASSERT_TRUE(test.ada.api_keys().remove({.id = first.id}));
    EXPECT_TRUE(test.ada.api_keys().create({.name = "in its place", .scopes = {"users:read"}}));
}

TEST(ApiKeys, EndWhenTheyExpire) {
    Fixture const test;
    auto const key = test.make({"users:read"}, test.clock->now() + hours(1));
    EXPECT_EQ(test.refusal(key.secret), "ok");
    test.clock->advance(hours(1) - seconds(1));
    EXPECT_EQ(test.refusal(key.secret), "ok");
    test.clock->advance(seconds(1));
    EXPECT_EQ(test.refusal(key.secret), "api_key_expired");
}

TEST(ApiKeys, TwoSecretsWorkWhileOneIsRotated) {
    Fixture const test;
    auto const first = test.make({"users:read"});
    auto const second = test.ada.api_keys().rotate({.id = first.id, .old_valid_seconds = 600}).value();
    EXPECT_EQ(test.refusal(first.secret), "ok");
    EXPECT_EQ(test.refusal(second.secret), "ok");
    EXPECT_EQ(second.version, 2);
    EXPECT_EQ(test.ada.api_keys().rotate({.id = first.id}).error().reason, "rotation_under_way");

    test.clock->advance(seconds(600));
    EXPECT_EQ(test.refusal(first.secret), "api_key_invalid");
    EXPECT_EQ(test.refusal(second.secret), "ok");

    auto const third = test.ada.api_keys().rotate({.id = first.id, .old_valid_seconds = 0}).value();
    EXPECT_EQ(test.refusal(second.secret), "api_key_invalid");
    EXPECT_EQ(test.refusal(third.secret), "ok");
}

TEST(ApiKeys, AreRefusedAtOnceWhenRemoved) {
    Fixture const test;
    auto const key = test.make({"users:read"});
    EXPECT_EQ(test.refusal(key.secret), "ok");
    EXPECT_EQ(test.ada.with({.if_version = 2}).api_keys().remove({.id = key.id}).error().reason, "version_mismatch");
    ASSERT_TRUE(test.ada.api_keys().remove({.id = key.id}));
    EXPECT_EQ(test.refusal(key.secret), "api_key_invalid");
    EXPECT_EQ(test.ada.api_keys().get({.id = key.id}).error().reason, "api_key_not_found");
}

TEST(ApiKeys, MayBeTheFirstThingInAnOrganization) {
    Fixture const test;
    auto const acme = test.backend.as_system("acme");
    ASSERT_TRUE(acme.api_keys().create({.name = "importer", .scopes = {"users:read"}}));
    EXPECT_EQ(acme.api_keys().list({}).value().items.size(), 1U);
    auto const login = test.backend.as_system("other").auth().login({.email = "ada@example.com", .password = "wrong"});
    EXPECT_EQ(login.error().reason, "organization_not_found") << "signing in makes none";
}

TEST(ApiKeys, BelongToOneOrganization) {
    Fixture const test;
    auto const key = test.make({"users:read", "api_keys:read"});
    auto const eve = test.as(test.sign_up("eve@example.com"));
    EXPECT_EQ(eve.api_keys().get({.id = key.id}).error().reason, "api_key_not_found");
    EXPECT_EQ(eve.api_keys().rotate({.id = key.id}).error().reason, "api_key_not_found");
    EXPECT_EQ(eve.api_keys().remove({.id = key.id}).error().reason, "api_key_not_found");
    EXPECT_TRUE(eve.api_keys().list({}).value().items.empty());
    auto const seen = test.backend.authenticate(Secret(key.secret)).value().users().list({}).value();
    ASSERT_EQ(seen.items.size(), 1U);
    EXPECT_EQ(seen.items.front().email, "ada@example.com");
}

TEST(ApiKeys, AreListedPageByPage) {
    Fixture const test;
    for (int i = 0; i < 5; ++i) test.make({"users:read"});
    auto const first = test.ada.api_keys().list({.limit = 3}).value();
    ASSERT_TRUE(first.next);
    auto const second = test.ada.api_keys().list({.limit = 3, .cursor = first.next}).value();
    EXPECT_EQ(first.items.size() + second.items.size(), 5U);
    EXPECT_FALSE(second.next);
}

TEST(ApiKeys, LeaveTheirNameInTheAudit) {
    Fixture const test;
    auto const key = test.make({"users:write", "users:read"});
    auto const program = test.backend.authenticate(Secret(key.secret)).value();
    ASSERT_TRUE(program.users().create({.email = "bob@example.com"}));
    auto const rows = Database(test).audit("users.create");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().actor_kind, "api_key");
    EXPECT_EQ(rows.front().actor_id, key.id);
}

TEST(ApiKeys, KnowWhenTheyWereLastUsed) {
    Fixture const test;
    auto const key = test.make({"users:read"});
    EXPECT_FALSE(test.ada.api_keys().get({.id = key.id}).value().last_used_at);
    auto const first_use = test.clock->now();
    EXPECT_EQ(test.refusal(key.secret), "ok");
    // The note is written behind the call, and on PostgreSQL beside other writes.
    auto const noted = [&] { return test.ada.api_keys().get({.id = key.id}).value().last_used_at; };
    for (int i = 0; i < 1'000 && !noted(); ++i) static_cast<void>(test.make({"users:read"}));
    EXPECT_EQ(noted(), first_use);
    test.clock->advance(seconds(60));
    EXPECT_EQ(test.refusal(key.secret), "ok");
    static_cast<void>(test.make({"users:read"}));
    EXPECT_EQ(noted(), first_use);
}

TEST(ApiKeys, AreNeverAnsweredFromAnIdempotencyRecord) {
    Fixture const test;
    auto const api = test.ada.with({.idempotency_key = "once"});
    auto const first = api.api_keys().create({.name = "a", .scopes = {"users:read"}}).value();
    auto const second = api.api_keys().create({.name = "a", .scopes = {"users:read"}}).value();
    EXPECT_NE(first.secret, second.secret);
    EXPECT_EQ(Database(test).count("idempotency_records"), 0);
}

TEST(ApiKeys, CannotBeGuessedWithoutAnEnd) {
    Fixture const test([](Config& config) { config.limits.failed_identity_per_minute = 5; });
    auto const status = [&](std::string const& secret) {
        return test.backend.gateway()
            .handle({.method = "GET",
                     .target = "/users",
                     .headers = {{"Authorization", "Bearer " + secret}},
                     .peer = "192.0.2.1"})
            .status;
    };
    auto const used = test.make({"users:read"});
    auto const unused = test.make({"users:read"});
    EXPECT_EQ(status(used.secret), 200);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status(auth::make_api_key_secret(*system_random())), 401);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status(auth::make_api_key_secret(*system_random())), 429);
    EXPECT_EQ(status("eyJhbGciOiJFUzI1NiJ9.e30.AAAA"), 429) << "tokens count with the keys";
    EXPECT_EQ(status(unused.secret), 429) << "nobody looks whether it is good";
    EXPECT_EQ(status(used.secret), 200) << "it is remembered";
    test.clock->advance(seconds(5));
    EXPECT_EQ(status(used.secret), 200) << "and only looked up anew";
    test.clock->advance(seconds(7));
    EXPECT_EQ(status(unused.secret), 200);
    ASSERT_TRUE(test.ada.api_keys().remove({.id = used.id}));
    EXPECT_EQ(status(used.secret), 401);
    EXPECT_EQ(status(used.secret), 429);
}

TEST(ApiKeys, NonsenseIsRefusedWithoutALook) {
    Fixture const test;
    for (auto const* text : {"nxp_", "nxp_short", "nxp_0000000000000000000000000000000000000000000000", "nxp_\xff"}) {
        EXPECT_EQ(test.refusal(text), "api_key_invalid") << text;
    }
}

}  // namespace
}  // namespace nexpo
