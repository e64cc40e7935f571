// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::TestBackend;

/// An application's struct that happens to have the name of one of ours.
struct OwnUser {
    std::string secret{};
};

StructType describe(Type<OwnUser>) {
    return structure<OwnUser>("User", field("secret", &OwnUser::secret));
}

TEST(Misuse, AStructOfTheSameNameAndAnotherLayoutIsNotTheSame) {
    TestBackend const test;
    auto const api = test.as(test.sign_up("ada@example.com"));
    EXPECT_EQ(api.call<OwnUser>("users.me", GetMe{}).error().reason, "type_mismatch");
    EXPECT_TRUE(api.call<User>("users.me", GetMe{}));
}

TEST(Misuse, AnEmptyPasswordIsOneThatIsTooShort) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme");
    auto const refused = acme.users().create({.email = "ada@example.com", .password = Secret()});
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().violations.size(), 1U);
    EXPECT_EQ(refused.error().violations[0].field, "/password");
    EXPECT_EQ(refused.error().violations[0].rule, "min");
    EXPECT_TRUE(acme.users().create({.email = "ada@example.com"})) << "without one it is another matter";
}

TEST(Misuse, AVersionIsNotIgnoredByWhatHasNone) {
    TestBackend const test;
    auto const acme = test.backend.as_system("acme").with({.if_version = 1});
    EXPECT_EQ(acme.users().create({.email = "ada@example.com"}).error().reason, "version_unsupported");
    EXPECT_TRUE(test.backend.as_system("acme").users().list({})->items.empty());
}

}  // namespace

}  // namespace nexpo
