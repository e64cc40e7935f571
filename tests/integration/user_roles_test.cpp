// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <map>
#include <thread>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::TestBackend;

/// What one call answers: `ok`, or the reason.
template <class T>
std::string answer(Result<T> const& result) {
    return result ? "ok" : result.error().reason;
}

/// An organization with a caller of every kind.
struct Company {
    Company() {
        system.users().create({.email = "founder@example.com", .role = Role::owner}).value();
        for (auto const role : {Role::owner, Role::admin, Role::member, Role::viewer}) {
            std::string const word(to_word(role));
            auto const user = system.users().create({.email = word + "@example.com", .role = role}).value();
            callers.emplace(word, test.backend.as({.kind = CallerKind::account,
                                                   .account_id = "acc_" + word,
                                                   .user_id = user.id,
                                                   .organization_id = user.organization_id,
                                                   .role = word}));
            ids.emplace(word, user.id);
        }
        callers.emplace("system", system);
        callers.emplace("anonymous", test.backend.as_anonymous());
    }

    /// Somebody new to act upon.
    std::string somebody(Role role) {
        return system.users()
            .create({.email = "somebody" + std::to_string(++count) + "@example.com", .role = role})
            .value()
            .id;
    }

    TestBackend test;
    Api system = test.backend.as_system("acme");
    std::map<std::string, Api> callers;
    std::map<std::string, std::string> ids;
    int count = 0;
};

TEST(UserRoles, DecideEveryOperation) {
    Company company;
    using Act = std::function<std::string(Api const&, std::string const& own_id)>;
    constexpr auto kDenied = "permission_denied";
    constexpr auto kOwner = "owner_required";
    constexpr auto kSignIn = "sign_in_required";
    struct Case {
        char const* name;
        Act act;
        char const* owner;
        char const* admin;
        char const* member;
        char const* viewer;
        char const* anonymous;
        char const* system;
    };
    auto const fresh_email = [&] { return "new" + std::to_string(++company.count) + "@example.com"; };
    std::vector<Case> const cases{
        {"create a member", [&](Api const& api, auto&) { return answer(api.users().create({.email = fresh_email()})); },
         "ok", "ok", kDenied, kDenied, kSignIn, "ok"},
        {"create an owner",
         [&](Api const& api, auto&) {
             return answer(api.users().create({.email = fresh_email(), .role = Role::owner}));
         },
         "ok", kOwner, kDenied, kDenied, kSignIn, "ok"},
        {"get", [&](Api const& api, auto&) { return answer(api.users().get({.id = company.ids.at("owner")})); }, "ok",
         "ok", "ok", "ok", kSignIn, "ok"},
        {"list", [&](Api const& api, auto&) { return answer(api.users().list({})); }, "ok", "ok", "ok", "ok", kSignIn,
         "ok"},
        {"me", [&](Api const& api, auto&) { return answer(api.users().me()); }, "ok", "ok", "ok", "ok", kSignIn,
         "user_not_found"},
        {"rename oneself",
         [&](Api const& api, std::string const& own_id) {
             return answer(api.users().update({.id = own_id, .name = std::string("New")}));
         },
         "ok", "ok", "ok", kDenied, kSignIn, "user_not_found"},
        {"rename another",
         [&](Api const& api, auto&) {
             return answer(api.users().update({.id = company.somebody(Role::viewer), .name = std::string("New")}));
         },
         "ok", "ok", kDenied, kDenied, kSignIn, "ok"},
        {"rename an owner",
         [&](Api const& api, auto&) {
             return answer(api.users().update({.id = company.somebody(Role::owner), .name = std::string("New")}));
         },
         "ok", kOwner, kDenied, kDenied, kSignIn, "ok"},
        {"make somebody an admin",
         [&](Api const& api, auto&) {
             return answer(api.users().update({.id = company.somebody(Role::member), .role = Role::admin}));
         },
         "ok", "ok", kDenied, kDenied, kSignIn, "ok"},
        {"make somebody an owner",
         [&](Api const& api, auto&) {
             return answer(api.users().update({.id = company.somebody(Role::admin), .role = Role::owner}));
         },
         "ok", kOwner, kDenied, kDenied, kSignIn, "ok"},
        {"demote an owner",
         [&](Api const& api, auto&) {
             return answer(api.users().update({.id = company.somebody(Role::owner), .role = Role::viewer}));
         },
         "ok", kOwner, kDenied, kDenied, kSignIn, "ok"},
        {"remove a member",
         [&](Api const& api, auto&) { return answer(api.users().remove({.id = company.somebody(Role::member)})); },
         "ok", "ok", kDenied, kDenied, kSignIn, "ok"},
        {"remove an owner",
         [&](Api const& api, auto&) { return answer(api.users().remove({.id = company.somebody(Role::owner)})); }, "ok",
         kOwner, kDenied, kDenied, kSignIn, "ok"},
        {"bootstrap",
         [&](Api const& api, auto&) {
             return answer(api.organizations().bootstrap({.email = "ada@example.com", .password = "correct horse"}));
         },
         kDenied, kDenied, kDenied, kDenied, kDenied, "ok"},
        {"make oneself an owner",
         [&](Api const& api, std::string const& own_id) {
             return answer(api.users().update({.id = own_id, .role = Role::owner}));
         },
         "ok", kOwner, kDenied, kDenied, kSignIn, "user_not_found"}};
    for (auto const& each : cases) {
        for (auto const& [who, expected] : {std::pair("owner", each.owner), std::pair("admin", each.admin),
                                            std::pair("member", each.member), std::pair("viewer", each.viewer),
                                            std::pair("anonymous", each.anonymous), std::pair("system", each.system)}) {
            auto const own = company.ids.find(who);
            auto const own_id = own == company.ids.end() ? "usr_nobody" : own->second;
            EXPECT_EQ(each.act(company.callers.at(who), own_id), expected) << who << ": " << each.name;
        }
    }
}

TEST(UserRoles, NobodyRaisesThemselves) {
    Company company;
    for (auto const* who : {"member", "viewer"}) {
        auto const& api = company.callers.at(who);
        for (auto const role : {Role::owner, Role::admin, Role::member, Role::viewer}) {
            EXPECT_EQ(answer(api.users().update({.id = company.ids.at(who), .role = role})), "permission_denied");
        }
        EXPECT_EQ(to_word(company.system.users().get({.id = company.ids.at(who)})->role), who);
    }
    auto const& admin = company.callers.at("admin");
    EXPECT_EQ(answer(admin.users().update({.id = company.ids.at("admin"), .role = Role::owner})), "owner_required");
    EXPECT_EQ(answer(admin.users().update({.id = company.ids.at("admin"), .role = Role::viewer})), "ok")
        << "but may step down";
}

TEST(UserRoles, AnUnknownRoleMayNothing) {
    Company company;
    for (auto const* role : {"", "king", "OWNER", "owner "}) {
        auto const api =
            company.test.backend.as({.kind = CallerKind::account,
                                     .account_id = "acc_1",
                                     .user_id = company.ids.at("owner"),
                                     .organization_id = company.system.users().list({})->items[0].organization_id,
                                     .role = role});
        EXPECT_EQ(answer(api.users().list({})), "permission_denied") << role;
        EXPECT_EQ(answer(api.users().create({.email = "x@example.com"})), "permission_denied") << role;
    }
}

TEST(UserRoles, ManagingUsersIsNotGivingRoles) {
    TestBackend const test;
    auto config = test.config(nullptr);
    config.operations.grant("manager", "users:write").grant("manager", "profile:write");
    auto const backend = Backend::open(config).value();
    auto const system = backend.as_system("acme");
    std::map<Role, std::string> ids;
    std::string organization_id;
    for (auto const role : {Role::owner, Role::admin, Role::member, Role::viewer}) {
        auto const user = system.users().create({.email = std::string(to_word(role)) + "@example.com", .role = role});
        ids[role] = user->id;
        organization_id = user->organization_id;
    }
    auto const manager = backend.as({.kind = CallerKind::account,
                                     .account_id = "acc_1",
                                     .user_id = "usr_1",
                                     .organization_id = organization_id,
                                     .role = "manager"});
    for (auto const role : {Role::owner, Role::admin}) {
        EXPECT_NE(answer(manager.users().create({.email = "x@example.com", .role = role})), "ok");
        EXPECT_NE(answer(manager.users().update({.id = ids[role], .name = std::string("New")})), "ok");
        EXPECT_NE(answer(manager.users().update({.id = ids[Role::member], .role = role})), "ok");
        EXPECT_NE(answer(manager.users().remove({.id = ids[role]})), "ok");
    }
    EXPECT_EQ(answer(manager.users().update({.id = ids[Role::viewer], .role = Role::member})), "permission_denied");
    EXPECT_EQ(answer(manager.users().create({.email = "x@example.com"})), "ok");
    EXPECT_EQ(answer(manager.users().update({.id = ids[Role::member], .name = std::string("New")})), "ok");
    EXPECT_EQ(answer(manager.users().remove({.id = ids[Role::viewer]})), "ok");
}

TEST(Owners, TheLastOneStays) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    auto const removed = api.users().remove({.id = tokens.user_id});
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, Errc::failed_precondition);
    EXPECT_EQ(removed.error().reason, "last_owner");
    EXPECT_EQ(answer(api.users().update({.id = tokens.user_id, .role = Role::admin})), "last_owner");
    EXPECT_EQ(answer(api.users().update({.id = tokens.user_id, .role = Role::owner})), "ok");
    auto const bob = api.users().create({.email = "bob@example.com", .role = Role::owner}).value();
    EXPECT_EQ(answer(api.users().update({.id = tokens.user_id, .role = Role::admin})), "ok") << "somebody takes over";
    EXPECT_EQ(answer(api.users().update({.id = bob.id, .role = Role::admin})), "owner_required") << "at once";
    EXPECT_EQ(answer(api.users().remove({.id = bob.id})), "owner_required");
}

TEST(Owners, OfOtherOrganizationsDoNotCount) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    test.sign_up("grace@example.com");
    EXPECT_EQ(answer(test.as(tokens).users().remove({.id = tokens.user_id})), "last_owner");
}

/// Two owners act on each other at the same moment; one of them is left.
void expect_one_owner_left(std::function<void(Api const&, std::string const&)> const& act) {
    TestBackend const test;
    for (int round = 0; round < 20; ++round) {
        auto const system = test.backend.as_system("acme" + std::to_string(round));
        std::vector<User> owners;
        for (auto const* email : {"ada@example.com", "grace@example.com"}) {
            owners.push_back(system.users().create({.email = email, .role = Role::owner}).value());
        }
        std::barrier start(2);
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < 2; ++i) {
            threads.emplace_back([&, i] {
                auto const api = test.backend.as({.kind = CallerKind::account,
                                                  .account_id = "acc_" + std::to_string(i),
                                                  .user_id = owners[i].id,
                                                  .organization_id = owners[i].organization_id,
                                                  .role = "owner"});
                start.arrive_and_wait();
                act(api, owners[1 - i].id);
            });
        }
        threads.clear();
        EXPECT_EQ(system.users().list({.role = Role::owner})->items.size(), 1U);
    }
}

TEST(OwnersConcurrency, TwoWhoDemoteEachOtherLeaveOne) {
    expect_one_owner_left([](Api const& api, std::string const& other) {
        auto const updated = api.users().update({.id = other, .role = Role::viewer});
        EXPECT_TRUE(answer(updated) == "ok" || answer(updated) == "last_owner") << answer(updated);
    });
}

TEST(OwnersConcurrency, TwoWhoRemoveEachOtherLeaveOne) {
    expect_one_owner_left([](Api const& api, std::string const& other) {
        auto const removed = api.users().remove({.id = other});
        EXPECT_TRUE(answer(removed) == "ok" || answer(removed) == "last_owner") << answer(removed);
    });
}

}  // namespace

}  // namespace nexpo
