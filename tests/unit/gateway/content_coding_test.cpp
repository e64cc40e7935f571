// SPDX-License-Identifier: Apache-2.0
#include "gateway/content_coding.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(CodingWish, FollowsTheWeights) {
    struct Case {
        char const* header;
        CodingWish wish;
    };
    for (auto const& [header, wish] : {
             Case{"gzip", CodingWish::gzip},
             Case{"GZip", CodingWish::gzip},
             Case{"x-gzip", CodingWish::gzip},
             Case{"gzip, deflate, br, zstd", CodingWish::gzip},
             Case{"br;q=1.0, gzip;q=0.8, *;q=0.1", CodingWish::gzip},
             Case{"gzip;q=0.001", CodingWish::gzip},
             Case{"gzip ; Q=0.5", CodingWish::gzip},
             Case{"*", CodingWish::gzip},
             Case{"*;q=0.5, identity;q=0.5", CodingWish::gzip},
             Case{"gzip;q=0.5, identity;q=0.5", CodingWish::gzip},
             Case{",, gzip ,", CodingWish::gzip},
             Case{"gzip;q=0, gzip", CodingWish::gzip},
             Case{"identity;q=0, gzip", CodingWish::coded},
             Case{"gzip, *;q=0", CodingWish::coded},
             Case{"*, identity;q=0.000", CodingWish::coded},
             Case{"", CodingWish::plain},
             Case{"identity", CodingWish::plain},
             Case{"br", CodingWish::plain},
             Case{"gzip;q=0", CodingWish::plain},
             Case{"gzip;q=0.000", CodingWish::plain},
             Case{"*, gzip;q=0", CodingWish::plain},
             Case{"gzip;q=0.5, identity;q=0.6", CodingWish::plain},
             Case{"identity;q=0", CodingWish::plain},
             Case{"*;q=0", CodingWish::plain},
             Case{"gzip;q=", CodingWish::plain},
             Case{"gzip;q=2", CodingWish::plain},
             Case{"gzip;q=0.0001", CodingWish::plain},
             Case{"gzip;level=9", CodingWish::plain},
             Case{"gzipped", CodingWish::plain},
             Case{"\"gzip\"", CodingWish::plain},
         }) {
        EXPECT_EQ(coding_wish({{"accept-encoding", header}}), wish) << header;
    }
    EXPECT_EQ(coding_wish({}), CodingWish::plain);
    EXPECT_EQ(coding_wish({{"Accept-Encoding", "gzip"}, {"Accept-Encoding", "identity;q=0"}}), CodingWish::coded);
    EXPECT_EQ(coding_wish({{"Accept", "gzip"}}), CodingWish::plain);
}

TEST(IsCompressible, KnowsTexts) {
    for (auto const* type : {"application/json", "application/problem+json", "text/plain; version=0.0.4"}) {
        EXPECT_TRUE(is_compressible(type)) << type;
    }
    for (auto const* type : {"", "image/png", "application/octet-stream", "application/jsonx", "video/mp4"}) {
        EXPECT_FALSE(is_compressible(type)) << type;
    }
}

TEST(SetCompressed, ChangesTheEntityTag) {
    Response response{.headers = {{"ETag", "\"v7\""}, {"Content-Type", "application/json"}}, .body = "plain"};
    set_compressed(response, "packed");
    EXPECT_EQ(response.body, "packed");
    EXPECT_EQ(response.header("ETag"), "\"v7-gzip\"");
    EXPECT_EQ(response.header("Content-Encoding"), "gzip");
}

}  // namespace
}  // namespace nexpo::gateway
