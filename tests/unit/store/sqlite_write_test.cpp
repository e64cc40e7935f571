// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;

TEST(SqliteWrite, CommitsWhatWaitsTogether) {
    TestStore store;
    auto const before = store.store->stats();
    Group group(*store.store);
    for (int i = 0; i < 500; ++i) group.add(insert("item" + std::to_string(i)));
    EXPECT_EQ(store.store->stats().queued, 500U);
    for (auto const& result : group.commit()) EXPECT_TRUE(result);
    auto const after = store.store->stats();
    EXPECT_EQ(after.writes - before.writes, 501U);
    EXPECT_EQ(after.commits - before.commits, 1U) << "what comes while a closure runs shares its commit";
    EXPECT_EQ(after.retried_groups, before.retried_groups);
    EXPECT_EQ(after.queued, 0U);
    EXPECT_EQ(store.names().size(), 500U);
}

}  // namespace
}  // namespace nexpo
