// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

/// Run with NEXPO_UPDATE_GOLDENS=1 after a change that is meant, and read the difference before committing it.
TEST(OpenApiGolden, IsWhatTheGatewayServes) {
    testing::TestBackend const test;
    auto const answer = test.backend.gateway().handle({.method = "GET", .target = "/openapi.json"});
    ASSERT_EQ(answer.status, 200);
    auto const served = Json::parse(answer.body).value().dump_pretty() + "\n";

    std::string const path = NEXPO_TEST_DATA "/openapi.json";
    if (std::getenv("NEXPO_UPDATE_GOLDENS") != nullptr) {
        std::ofstream(path, std::ios::binary) << served;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    std::string const golden{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(golden, served) << "NEXPO_UPDATE_GOLDENS=1 writes " << path << " anew";
}

}  // namespace

}  // namespace nexpo
