// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::TestBackend;

TEST(Backend, SignsUpSignsInAndRefuses) {
    TestBackend const test;
    auto const tokens = test.sign_up("Ada@Example.com");
    EXPECT_EQ(tokens.token_type, "Bearer");
    EXPECT_EQ(tokens.expires_in, 900);

    auto const me = test.as(tokens).users().me();
    ASSERT_TRUE(me) << me.error().message;
    EXPECT_EQ(me->email, "ada@example.com");
    EXPECT_EQ(me->role, Role::owner);

    auto const again = test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"});
    ASSERT_TRUE(again) << again.error().message;
    auto const wrong = test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "wrong horse"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().reason, "credentials_invalid");

    auto const api = test.as(tokens);
    ASSERT_TRUE(api.auth().logout());
    EXPECT_EQ(api.users().me().error().code, Errc::unauthenticated);
    auto const refreshed = test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(tokens.refresh_token)});
    EXPECT_EQ(refreshed.error().reason, "refresh_token_invalid");
}

}  // namespace

}  // namespace nexpo
