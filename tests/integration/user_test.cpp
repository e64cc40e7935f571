// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::Database;
using ::testing::ElementsAre;
using testing::TestBackend;

TEST(Users, AnAddressIsUniqueInAnOrganizationOnly) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme").users();
    auto const first = acme.create({.email = "Ada@Example.com", .name = "Ada"});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->email, "ada@example.com");
    EXPECT_EQ(first->role, Role::member);
    EXPECT_EQ(first->version, 1);
    EXPECT_EQ(first->created_at, test.clock->now());
    auto const again = acme.create({.email = "ada@EXAMPLE.com"});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::already_exists);
    EXPECT_EQ(again.error().reason, "email_taken");
    EXPECT_TRUE(test.backend.as_system("other").users().create({.email = "ada@example.com"}));
    ASSERT_TRUE(acme.remove({.id = first->id}));
    EXPECT_TRUE(acme.create({.email = "ada@example.com"})) << "the address is free again";
}

TEST(Users, CreatedWithAPasswordCanSignIn) {
    TestBackend const test;
    auto const owner = test.as(test.sign_up("ada@example.com"));
    auto const bob = owner.users().create({.email = "bob@example.com", .password = "bobs horse"});
    ASSERT_TRUE(bob);
    auto const tokens =
        test.backend.as_anonymous().auth().login({.email = "bob@example.com", .password = "bobs horse"});
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->user_id, bob->id);
    EXPECT_EQ(tokens->organization_id, bob->organization_id);
    EXPECT_EQ(test.as(*tokens).users().me()->email, "bob@example.com");

    ASSERT_TRUE(owner.users().create({.email = "cleo@example.com"}));
    EXPECT_FALSE(test.backend.as_anonymous().auth().login({.email = "cleo@example.com", .password = "any horse"}));
}

TEST(Users, HaveNamesOfOneLine) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").users();
    auto const ada = users.create({.email = "ada@example.com", .name = "Ada \xe2\x80\x94 Lovelace"});
    ASSERT_TRUE(ada);
    for (auto const* name : {"Ada\nLovelace", "\x1b[2J", "Ada\xc2\x85", "\xe2\x80\xa8"}) {
        auto const created = users.create({.email = "bob@example.com", .name = name});
        ASSERT_FALSE(created) << name;
        EXPECT_EQ(created.error().violations.front().field, "/name");
        EXPECT_EQ(users.update({.id = ada->id, .name = std::string(name)}).error().reason, "validation_failed");
        auto const registered = test.backend.as_anonymous().auth().sign_up(
            {.email = "cleo@example.com", .password = "correct horse", .name = name, .organization = name});
        ASSERT_FALSE(registered);
        EXPECT_EQ(registered.error().violations.size(), 2U);
    }
}

TEST(Users, CreatingOneNeitherChangesNorRevealsAnAccount) {
    TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const acme = test.backend.as_system("acme").users();
    auto const known = acme.create({.email = "ada@example.com", .password = "another horse"});
    auto const unknown = acme.create({.email = "bob@example.com", .password = "another horse"});
    ASSERT_TRUE(known);
    ASSERT_TRUE(unknown);
    auto expected = *unknown;
    expected.id = known->id;
    expected.email = known->email;
    EXPECT_EQ(to_json(*known), to_json(expected)) << "the same answer, but for id and address";

    auto const auth = test.backend.as_anonymous().auth();
    EXPECT_FALSE(auth.login({.email = "ada@example.com", .password = "another horse"}));
    EXPECT_TRUE(auth.login({.email = "ada@example.com", .password = "correct horse"}));
    EXPECT_EQ(
        auth.login({.email = "ada@example.com", .password = "correct horse", .organization = "acme"}).error().reason,
        "organization_not_joined")
        << "nobody is made a member of what they did not join";
    EXPECT_TRUE(test.as(ada).users().me());
}

/// The errors of get, update and remove for one id.
std::vector<Error> errors_for(Api const& api, std::string const& id) {
    std::vector<Error> errors;
    for (auto const& result : {api.users().get({.id = id}), api.users().update({.id = id, .name = std::string("X")}),
                               api.users().update({.id = id, .role = Role::admin})}) {
        errors.push_back(result ? Error{} : result.error());
    }
    auto const removed = api.users().remove({.id = id});
    errors.push_back(removed ? Error{} : removed.error());
    return errors;
}

TEST(Users, OfAnotherOrganizationAreLikeUnknownAndRemovedOnes) {
    TestBackend const test;
    auto const api = test.as(test.sign_up("ada@example.com"));
    auto const foreign = test.backend.as_system("other").users().create({.email = "eve@example.com"}).value();
    auto const removed = api.users().create({.email = "bob@example.com"}).value();
    ASSERT_TRUE(api.users().remove({.id = removed.id}));
    auto const unknown = errors_for(api, "usr_01j8x4mq3he5nr7w0c2k9v6t1b");
    for (auto const& error : unknown) {
        EXPECT_EQ(error.code, Errc::not_found);
        EXPECT_EQ(error.reason, "user_not_found");
    }
    EXPECT_EQ(errors_for(api, foreign.id), unknown);
    EXPECT_EQ(errors_for(api, removed.id), unknown);
    EXPECT_EQ(errors_for(api, "no id at all"), unknown);
    EXPECT_EQ(errors_for(api.with({.if_version = 1}), foreign.id), unknown);
    EXPECT_TRUE(test.backend.as_system("other").users().get({.id = foreign.id}));
}

TEST(Users, AreListedInPages) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").users();
    std::vector<std::string> created;
    for (int i = 0; i < 120; ++i) {
        created.push_back(users
                              .create({.email = "user" + std::to_string(i) + "@example.com",
                                       .role = i % 2 == 0 ? Role::member : Role::viewer})
                              .value()
                              .id);
        test.clock->advance(std::chrono::milliseconds(1));
    }
    ASSERT_TRUE(test.backend.as_system("other").users().create({.email = "eve@example.com"}));
    std::vector<std::string> listed;
    std::vector<std::size_t> sizes;
    for (ListUsers input{.limit = 50};;) {
        auto const page = users.list(input);
        ASSERT_TRUE(page);
        for (auto const& user : page->items) listed.push_back(user.id);
        sizes.push_back(page->items.size());
        if (!page->next) break;
        input.cursor = page->next;
    }
    EXPECT_EQ(listed, created) << "all of them, once, in the order of creation";
    EXPECT_THAT(sizes, ElementsAre(50, 50, 20));

    auto const exact = users.list({.limit = 60, .role = Role::viewer}).value();
    EXPECT_EQ(exact.items.size(), 60U);
    EXPECT_FALSE(exact.next) << "there is nothing after the last";
    for (auto const& user : exact.items) EXPECT_EQ(user.role, Role::viewer);
    EXPECT_EQ(users.list({})->items.size(), 50U);
    EXPECT_EQ(users.list({.limit = 200})->items.size(), 120U);
    for (std::int64_t const limit : {0, -1, 201, 1'000'000}) {
        EXPECT_EQ(users.list({.limit = limit}).error().reason, "validation_failed") << limit;
    }
}

TEST(Users, AreAddedAndRemovedBetweenPagesWithoutHarm) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").users();
    std::vector<User> created;
    for (auto const* name : {"a", "b", "c", "d"}) {
        created.push_back(users.create({.email = std::string(name) + "@example.com"}).value());
        test.clock->advance(std::chrono::milliseconds(1));
    }
    auto const first = users.list({.limit = 2}).value();
    ASSERT_TRUE(users.remove({.id = created[1].id}));  // the one that the cursor stands on
    auto const added = users.create({.email = "e@example.com"}).value();
    auto const second = users.list({.limit = 5, .cursor = first.next}).value();
    std::vector<std::string> ids;
    for (auto const& user : second.items) ids.push_back(user.id);
    EXPECT_THAT(ids, ElementsAre(created[2].id, created[3].id, added.id));
}

TEST(Users, CursorsOpenOnlyWhereTheyWereMade) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme");
    auto const other = test.backend.as_system("other");
    for (auto const* email : {"a@example.com", "b@example.com", "c@example.com"}) {
        ASSERT_TRUE(acme.users().create({.email = email}));
        ASSERT_TRUE(other.users().create({.email = email}));
    }
    auto const cursor = acme.users().list({.limit = 1})->next.value();
    auto const filtered = acme.users().list({.limit = 1, .role = Role::member})->next.value();
    auto tampered = cursor;
    tampered[tampered.size() / 2] = tampered[tampered.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(acme.users().list({.limit = 3, .cursor = cursor})) << "another limit does no harm";
    struct Case {
        Api api;
        ListUsers input;
    };
    for (auto const& [api, input] :
         {Case{acme, {.cursor = tampered}}, Case{acme, {.cursor = ""}},
          Case{acme, {.cursor = "usr_01j8x4mq3he5nr7w0c2k9v6t1b"}},
          Case{acme, {.cursor = cursor, .role = Role::member}}, Case{acme, {.cursor = filtered}},
          Case{acme, {.cursor = filtered, .role = Role::viewer}}, Case{other, {.cursor = cursor}}}) {
        auto const refused = api.users().list(input);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
        EXPECT_EQ(refused.error().reason, "cursor_invalid");
    }
    EXPECT_EQ(acme.users().list({.cursor = std::string(1'025, 'A')}).error().reason, "validation_failed");
}

TEST(Users, AMergePatchTellsAbsentFromNull) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    auto const id = api.users().create({.email = "ada@example.com", .name = "Ada"}).value().id;
    auto const update = [&](std::string const& rest) {
        return api.invoke("users.update", Json::parse("{\"id\":\"" + id + "\"" + rest + "}").value());
    };
    auto const name_now = [&] { return api.users().get({.id = id})->name; };
    test.clock->advance(std::chrono::seconds(1));
    ASSERT_TRUE(update(""));
    EXPECT_EQ(name_now(), "Ada");
    ASSERT_TRUE(update(R"(,"name":"Countess")"));
    EXPECT_EQ(name_now(), "Countess");
    ASSERT_TRUE(update(R"(,"role":"admin")"));
    EXPECT_EQ(name_now(), "Countess");
    ASSERT_TRUE(update(R"(,"name":null)"));
    EXPECT_EQ(name_now(), "");
    auto const user = api.users().get({.id = id}).value();
    EXPECT_EQ(user.role, Role::admin);
    EXPECT_EQ(user.version, 5);
    EXPECT_EQ(user.updated_at, test.clock->now());
    EXPECT_EQ(user.created_at, test.clock->now() - std::chrono::seconds(1));
    for (auto const* bad :
         {R"(,"role":null)", R"(,"role":"king")", R"(,"name":7)", R"(,"email":"new@example.com")", R"(,"version":9)"}) {
        auto const refused = update(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().reason, "validation_failed") << bad;
    }
    EXPECT_EQ(api.users().get({.id = id})->version, 5);
}

TEST(Users, ChangeOnlyFromTheVersionThatIsExpected) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    auto const user = api.users().create({.email = "ada@example.com"}).value();
    auto const first = api.with({.if_version = 1});
    EXPECT_EQ(first.users().update({.id = user.id, .name = std::string("Ada")})->version, 2);
    auto const stale = first.users().update({.id = user.id, .name = std::string("Bob")});
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, Errc::aborted);
    EXPECT_EQ(stale.error().reason, "version_mismatch");
    EXPECT_EQ(first.users().remove({.id = user.id}).error().reason, "version_mismatch");
    EXPECT_EQ(api.users().get({.id = user.id})->name, "Ada");
    EXPECT_TRUE(api.with({.if_version = 2}).users().remove({.id = user.id}));
    EXPECT_EQ(first.users().create({.email = "bob@example.com"}).error().reason, "version_unsupported");
}

TEST(Users, LeaveAuditRowsAndEvents) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    auto const bob = api.users().create({.email = "bob@example.com"}).value();
    ASSERT_TRUE(api.users().update({.id = bob.id, .role = Role::admin}));
    ASSERT_TRUE(api.users().remove({.id = bob.id}));
    EXPECT_FALSE(api.users().remove({.id = bob.id}));
    EXPECT_FALSE(api.users().create({.email = "ada@example.com"}));
    Database const database(test);
    for (auto const* operation : {"users.create", "users.update", "users.remove"}) {
        auto const rows = database.audit(operation);
        ASSERT_EQ(rows.size(), 1U) << operation;
        EXPECT_EQ(rows[0].target, bob.id);
        EXPECT_EQ(rows[0].organization_id, tokens.organization_id);
        EXPECT_EQ(rows[0].actor_kind, "account");
        EXPECT_TRUE(rows[0].actor_id.starts_with("acc_"));
        EXPECT_EQ(rows[0].outcome, "ok");
    }
    EXPECT_THAT(
        database.rows<std::string>("SELECT event FROM outbox_events ORDER BY {{sqlite rowid}}{{postgresql ctid}}"),
        ElementsAre("user.created", "user.created", "user.updated", "user.removed"));
    auto const payloads = database.rows<Json>("SELECT payload FROM outbox_events WHERE event = 'user.updated'");
    ASSERT_EQ(payloads.size(), 1U);
    EXPECT_EQ(*payloads[0].find("user_id"), Json(bob.id));
    EXPECT_EQ(*payloads[0].find("email"), Json("bob@example.com"));
    EXPECT_EQ(*payloads[0].find("role"), Json("admin"));
}

TEST(Users, RepeatWithAnIdempotencyKey) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme").with({.idempotency_key = "key"});
    auto const first = api.users().create({.email = "ada@example.com"});
    auto const second = api.users().create({.email = "ada@example.com"});
    ASSERT_TRUE(second);
    EXPECT_EQ(to_json(*first), to_json(*second));
    EXPECT_EQ(api.users().create({.email = "bob@example.com"}).error().reason, "idempotency_key_reused");
    EXPECT_EQ(Database(test).count("user_profiles"), 1);
}

TEST(AsSystem, CreatesAnOrganizationWithItsFirstWriteOnly) {
    TestBackend const test;
    Database const database(test);
    auto const acme = test.backend.as_system("acme");
    auto const read = acme.users().list({});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::not_found);
    EXPECT_EQ(read.error().reason, "organization_not_found");
    EXPECT_EQ(database.count("organizations"), 0);
    ASSERT_TRUE(acme.users().create({.email = "ada@example.com"}));
    EXPECT_EQ(acme.users().list({})->items.size(), 1U);
    EXPECT_EQ(database.count("organizations"), 1);
    EXPECT_EQ(acme.users().me().error().reason, "user_not_found");
}

TEST(AsSystem, CreatesNoneUnlessConfigured) {
    TestBackend const test([](Config& config) { config.create_organizations = false; });
    auto const acme = test.backend.as_system("acme");
    EXPECT_EQ(acme.users().create({.email = "ada@example.com"}).error().reason, "organization_not_found");
    EXPECT_EQ(Database(test).count("organizations"), 0);
    ASSERT_TRUE(acme.organizations().bootstrap({.email = "ada@example.com", .password = "correct horse"}));
    EXPECT_TRUE(acme.users().create({.email = "bob@example.com"}));
}

TEST(AsSystem, RefusesMalformedNames) {
    TestBackend const test;
    for (auto const* slug : {"", "No Slug", "a/b", "-a", "a-", "1st", "org_01j8x4mq3he5nr7w0c2k9v6t1b"}) {
        auto const refused = test.backend.as_system(slug).users().create({.email = "ada@example.com"});
        ASSERT_FALSE(refused) << slug;
        EXPECT_EQ(refused.error().reason, "validation_failed") << slug;
        EXPECT_EQ(refused.error().violations.at(0).field, "/organization") << slug;
        EXPECT_EQ(test.backend.as_system(slug).users().list({}).error().code, Errc::not_found) << slug;
    }
    EXPECT_EQ(Database(test).count("organizations"), 0);
}

TEST(BootstrapConcurrency, TwoBackendsAtOnceMakeOneOwner) {
    TestBackend const test;
    auto const second = Backend::open(test.config(nullptr)).value();
    for (int round = 0; round < 3; ++round) {
        auto const slug = "acme" + std::to_string(round);
        std::atomic<int> created = 0;
        std::mutex mutex;
        std::set<std::string> organizations;
        std::vector<std::jthread> threads;
        for (auto const& backend : {test.backend, second, test.backend, second}) {
            threads.emplace_back([&, backend, slug] {
                auto const result = backend.as_system(slug).organizations().bootstrap(
                    {.email = "ada@example.com", .password = "correct horse"});
                ASSERT_TRUE(result) << result.error().reason;
                created += result->owner_created ? 1 : 0;
                std::lock_guard const lock(mutex);
                organizations.insert(result->organization_id);
            });
        }
        threads.clear();
        EXPECT_EQ(created, 1);
        EXPECT_EQ(organizations.size(), 1U);
        EXPECT_EQ(test.backend.as_system(slug).users().list({.role = Role::owner})->items.size(), 1U);
    }
}

TEST(Users, RemovedFromTheirLastOrganizationLeaveNoAccount) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    auto const auth = test.backend.as_anonymous().auth();
    auto const ada = api.users().create({.email = "ada@example.com", .password = "first horse"}).value();
    ASSERT_TRUE(auth.login({.email = "ada@example.com", .password = "first horse"}));
    ASSERT_TRUE(api.users().remove({.id = ada.id}));
    Database const database(test);
    EXPECT_EQ(database.count("auth_accounts"), 0);
    EXPECT_EQ(database.count("auth_sessions"), 0);
    ASSERT_TRUE(api.users().create({.email = "ada@example.com", .password = "second horse"}));
    EXPECT_FALSE(auth.login({.email = "ada@example.com", .password = "first horse"}));
    EXPECT_TRUE(auth.login({.email = "ada@example.com", .password = "second horse"})) << "the address is free again";
}

TEST(Users, RemovedFromOneOfTheirOrganizationsKeepTheOthers) {
    TestBackend const test;
    auto const login = [&](char const* organization) {
        return test.backend.as_anonymous().auth().login(
            {.email = "ada@example.com", .password = "correct horse", .organization = organization});
    };
    for (auto const* slug : {"first", "second"}) {
        ASSERT_TRUE(test.backend.as_system(slug).organizations().bootstrap(
            {.email = "ada@example.com", .password = "correct horse"}));
        ASSERT_TRUE(test.backend.as_system(slug).users().create({.email = "bob@example.com", .role = Role::owner}));
    }
    auto const first = login("first").value();
    auto const second = login("second").value();
    EXPECT_TRUE(test.as(first).users().me());
    ASSERT_TRUE(test.backend.as_system("first").users().remove({.id = first.user_id}));
    EXPECT_FALSE(test.backend.authenticate(Secret(first.access_token)));
    EXPECT_TRUE(test.as(second).users().me());
    EXPECT_EQ(login("first").error().reason, "organization_not_joined");
    EXPECT_TRUE(login("second"));
    auto const refreshed = test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(first.refresh_token)});
    EXPECT_EQ(refreshed.error().reason, "refresh_token_invalid");
}

TEST(Bootstrap, JoinsAnAccountOnlyByItsPassword) {
    TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const organizations = test.backend.as_system("acme").organizations();
    auto const refused = organizations.bootstrap({.email = "ada@example.com", .password = "another horse"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::already_exists);
    EXPECT_EQ(refused.error().reason, "account_exists");
    auto const joined = organizations.bootstrap({.email = "Ada@Example.com", .password = "correct horse"});
    ASSERT_TRUE(joined);
    EXPECT_TRUE(joined->owner_created);
    auto const auth = test.backend.as_anonymous().auth();
    EXPECT_TRUE(auth.login({.email = "ada@example.com", .password = "correct horse", .organization = "acme"}));
    EXPECT_TRUE(test.as(ada).users().me());
    EXPECT_EQ(Database(test).count("auth_accounts"), 1);
}

TEST(Bootstrap, HappensOnce) {
    TestBackend const test;
    auto const organizations = test.backend.as_system("acme").organizations();
    auto const first =
        organizations.bootstrap({.email = "Ada@Example.com", .password = "correct horse", .name = "Ada"});
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->owner_created);
    auto const again = organizations.bootstrap({.email = "bob@example.com", .password = "another horse"});
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->owner_created);
    EXPECT_EQ(again->organization_id, first->organization_id);
    auto const auth = test.backend.as_anonymous().auth();
    auto const tokens = auth.login({.email = "ada@example.com", .password = "correct horse", .organization = "acme"});
    ASSERT_TRUE(tokens);
    EXPECT_EQ(test.as(*tokens).users().me()->role, Role::owner);
    EXPECT_FALSE(auth.login({.email = "bob@example.com", .password = "another horse"}));
    EXPECT_EQ(organizations.bootstrap({.email = "", .password = ""}).error().reason, "validation_failed");
}

}  // namespace

}  // namespace nexpo
