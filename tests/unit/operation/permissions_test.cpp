// SPDX-License-Identifier: Apache-2.0
#include "operation/permissions.hpp"

#include <gtest/gtest.h>

namespace nexpo::operation {

namespace {

TEST(Permissions, GiveTheBuiltInRolesWhatTheyAreFor) {
    Permissions const permissions(OperationTable::Contents{});
    struct Case {
        char const* permission;
        bool owner;
        bool admin;
        bool member;
        bool viewer;
    };
    for (auto const& [permission, owner, admin, member, viewer] :
         {Case{"users:read", true, true, true, true}, Case{"users:write", true, true, false, false},
          Case{"profile:write", true, true, true, false}, Case{"owners:write", true, false, false, false},
          Case{"billing:write", true, false, false, false}, Case{"organizations:remove", true, false, false, false},
          Case{"notes:read_all", true, true, false, false}, Case{"notes:read", true, true, true, true}}) {
        EXPECT_EQ(permissions.grants("owner", permission), owner) << permission;
        EXPECT_EQ(permissions.grants("admin", permission), admin) << permission;
        EXPECT_EQ(permissions.grants("member", permission), member) << permission;
        EXPECT_EQ(permissions.grants("viewer", permission), viewer) << permission;
        EXPECT_FALSE(permissions.grants("", permission)) << permission;
        EXPECT_FALSE(permissions.grants("OWNER", permission)) << permission;
        EXPECT_FALSE(permissions.grants("stranger", permission)) << permission;
    }
}

TEST(Permissions, AddWhatAnApplicationGrants) {
    Permissions const permissions(OperationTable::Contents{
        .grants = {{"member", "notes:write"}, {"editor", "notes:write"}, {"editor", "users:read"}}});
    EXPECT_TRUE(permissions.grants("member", "notes:write"));
    EXPECT_TRUE(permissions.grants("editor", "notes:write"));
    EXPECT_TRUE(permissions.grants("editor", "users:read"));
    EXPECT_FALSE(permissions.grants("editor", "users:write"));
    EXPECT_FALSE(permissions.grants("editor", "notes:writes"));
    EXPECT_FALSE(permissions.grants("viewer", "notes:write"));
}

TEST(Permissions, KeepSomeFromEveryKey) {
    for (auto const* permission :
         {"api_keys:write", "roles:write", "owners:write", "billing:write", "organizations:remove"}) {
        EXPECT_FALSE(keys_may_hold(permission)) << permission;
    }
    for (auto const* permission : {"api_keys:read", "users:write", "notes:write", "roles:read"}) {
        EXPECT_TRUE(keys_may_hold(permission)) << permission;
    }
}

TEST(Permissions, KnowWhatIsAskedForAndGranted) {
    Permissions const permissions(OperationTable::Contents{
        .operations = {{.info = {.name = "notes.list", .permission = "notes:read"}},
                       {.info = {.name = "notes.add", .permission = "notes:write", .also_permissions = {"notes:pin"}}},
                       {.info = {.name = "notes.mine", .access = Access::signed_in}}},
        .grants = {{"editor", "drafts:write"}}});
    for (auto const* known : {"notes:read", "notes:write", "notes:pin", "drafts:write"}) {
        EXPECT_TRUE(permissions.knows(known)) << known;
    }
    for (auto const* unknown : {"", "notes", "notes:reads", "drafts:read", "editor"}) {
        EXPECT_FALSE(permissions.knows(unknown)) << unknown;
    }
    EXPECT_EQ(permissions.suggest("note:write"), "notes:write");
    EXPECT_EQ(permissions.suggest("notes:raed"), "notes:read");
    EXPECT_EQ(permissions.suggest("drafts:rite"), "drafts:write");
    EXPECT_EQ(permissions.suggest("weather:make"), std::nullopt);
    EXPECT_EQ(Permissions(OperationTable::Contents{}).suggest("notes:read"), std::nullopt);
}

}  // namespace

}  // namespace nexpo::operation
