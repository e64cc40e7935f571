// SPDX-License-Identifier: Apache-2.0
#include "operation/permissions.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nexpo::operation {

namespace {

TEST(Permissions, GiveTheBuiltInRolesWhatTheyAreFor) {
    Permissions const permissions(std::vector<std::pair<std::string, std::string>>{});
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
    Permissions const permissions(std::vector<std::pair<std::string, std::string>>{
        {"member", "notes:write"}, {"editor", "notes:write"}, {"editor", "users:read"}});
    EXPECT_TRUE(permissions.grants("member", "notes:write"));
    EXPECT_TRUE(permissions.grants("editor", "notes:write"));
    EXPECT_TRUE(permissions.grants("editor", "users:read"));
    EXPECT_FALSE(permissions.grants("editor", "users:write"));
    EXPECT_FALSE(permissions.grants("editor", "notes:writes"));
    EXPECT_FALSE(permissions.grants("viewer", "notes:write"));
}

}  // namespace

}  // namespace nexpo::operation
