// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nexpo/config.hpp"

namespace nexpo {
namespace {

using testing::ElementsAre;

std::vector<std::string> problems(GatewayConfig gateway) {
    auto const checked = check_config({.database = "sqlite:x.db", .gateway = std::move(gateway)});
    std::vector<std::string> fields;
    if (checked) return fields;
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    for (auto const& violation : checked.error().violations) fields.push_back(violation.field + ' ' + violation.rule);
    return fields;
}

TEST(CheckConfig, TakesOriginsAsBrowsersSendThem) {
    EXPECT_THAT(problems({}), ElementsAre());
    EXPECT_THAT(
        problems({.cors_origins = {"https://app.example.com", "https://*.example.com"}, .cors_credentials = true}),
        ElementsAre());
    EXPECT_THAT(problems({.cors_origins = {"*"}}), ElementsAre());
    EXPECT_THAT(problems({.cors_origins = {"https://app.example.com", "null", "https://app.example.com/"}}),
                ElementsAre("/gateway/cors_origins/1 origin", "/gateway/cors_origins/2 origin"));
}

TEST(CheckConfig, KeepsTheStarAlone) {
    EXPECT_THAT(problems({.cors_origins = {"*"}, .cors_credentials = true}),
                ElementsAre("/gateway/cors_credentials origin"));
    EXPECT_THAT(problems({.cors_origins = {"https://app.example.com", "*"}}),
                ElementsAre("/gateway/cors_origins origin"));
}

TEST(CheckConfig, AppliesTheDescription) {
    EXPECT_THAT(problems({.body_bytes = 8'388'609}), ElementsAre("/gateway/body_bytes max"));
    EXPECT_FALSE(check_config({}));
}

}  // namespace
}  // namespace nexpo
