// SPDX-License-Identifier: Apache-2.0
#include "gateway/entity_tag.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(EntityTag, NamesVersions) {
    EXPECT_EQ(version_tag(7), "\"v7\"");
}

TEST(IfMatch, ReadsOneVersion) {
    struct Case {
        char const* header;
        std::optional<std::int64_t> version;
    };
    for (auto const& [header, version] : {
             Case{"\"v7\"", 7},
             Case{"  \"v7\"  ", 7},
             Case{"*", std::nullopt},
             Case{"\"v9223372036854775807\"", 9223372036854775807},
             Case{"\"v7\", \"v7\"", 7},
             Case{"\"v7\", W/\"v8\", \"other\"", 7},
             Case{"\"v7\",,", 7},
             Case{"\"v7-gzip\"", 7},
             Case{"\"v7-gzip\", \"v7\"", 7},
             Case{"W/\"v7\"", kNoVersion},
             Case{"W/\"v7-gzip\"", kNoVersion},
             Case{"\"-gzip\"", kNoVersion},
             Case{"\"v7-gzip-gzip\"", kNoVersion},
             Case{"\"v7gzip\"", kNoVersion},
             Case{"\"\"", kNoVersion},
             Case{"\"v\"", kNoVersion},
             Case{"\"v0\"", kNoVersion},
             Case{"\"v07\"", kNoVersion},
             Case{"\"v-7\"", kNoVersion},
             Case{"\"v7x\"", kNoVersion},
             Case{"\"7\"", kNoVersion},
             Case{"\"v9223372036854775808\"", kNoVersion},
             Case{"\"a,b\"", kNoVersion},
         }) {
        auto const parsed = parse_if_match(header);
        ASSERT_TRUE(parsed) << header;
        EXPECT_EQ(*parsed, version) << header;
    }
}

TEST(IfMatch, RefusesWhatItCannotRead) {
    for (auto const* header : {"", "v7", "\"v7", "v7\"", "\"v7\" \"v8\"", "\"v7\";", "w/\"v7\"", "W/ \"v7\"", "\"v 7\"",
                               "\"v7\", *", "*, \"v7\"", "\"v7\", \"v8\"", ", \"v7\"", "'v7'"}) {
        auto const parsed = parse_if_match(header);
        ASSERT_FALSE(parsed) << header;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
        EXPECT_EQ(parsed.error().reason, "header_invalid");
        EXPECT_EQ(parsed.error().violations.size(), 1U);
    }
}

TEST(IfNoneMatch, ComparesWeaklyAndTellsTheForm) {
    for (auto const* header : {"*", "\"v7\"", "W/\"v7\"", "\"v1\", \"v7\"", "\"v1\",W/\"v7\" , \"v9\""}) {
        EXPECT_EQ(named_tag(header, "\"v7\""), "\"v7\"") << header;
    }
    for (auto const* header : {"\"v7-gzip\"", "W/\"v7-gzip\"", "\"v1\", \"v7-gzip\", \"v7\""}) {
        EXPECT_EQ(named_tag(header, "\"v7\""), "\"v7-gzip\"") << header;
    }
    for (auto const* header : {"", "v7", "\"v8\"", "\"v7", "\"v1\" \"v7\"", "\"v1\"; \"v7\"", "nonsense, \"v7\"",
                               "\"v8-gzip\"", "\"v7-br\""}) {
        EXPECT_FALSE(named_tag(header, "\"v7\"")) << header;
    }
}

TEST(EntityTag, FollowsTheContent) {
    EXPECT_EQ(content_tag("a"), content_tag("a"));
    EXPECT_NE(content_tag("a"), content_tag("b"));
    EXPECT_EQ(content_tag("").size(), 18U);
    EXPECT_EQ(gzip_tag("\"v7\""), "\"v7-gzip\"");
}

}  // namespace
}  // namespace nexpo::gateway
