// SPDX-License-Identifier: Apache-2.0
#include "gateway/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using sample::GetNote;
using sample::Note;

TEST(Route, FollowsFromTheOperation) {
    auto const create = sample::operation<sample::Change, Note>({.name = "notes.create",
                                                                 .kind = OperationKind::mutation,
                                                                 .rest = "POST /users/{id}/notes",
                                                                 .location = "/notes/{id}/v{version}"});
    auto const route = make_route(create);
    ASSERT_TRUE(route);
    EXPECT_EQ(route->method, "POST");
    EXPECT_EQ(route->path, "/users/{id}/notes");
    EXPECT_THAT(route->parameters, testing::ElementsAre("id"));
    ASSERT_NE(route->version, nullptr);
    EXPECT_EQ(route->next, nullptr);
    EXPECT_TRUE(route->takes_body());
    EXPECT_FALSE(route->answers_nothing);
    EXPECT_FALSE(route->is_public);
}

TEST(Route, KnowsPagesAndEmptyAnswers) {
    auto const list = sample::operation<sample::Search, Page<Note>>({.name = "notes.list", .rest = "GET /notes"});
    ASSERT_TRUE(make_route(list));
    EXPECT_NE(make_route(list)->next, nullptr);
    EXPECT_FALSE(make_route(list)->takes_body());
    auto const remove = sample::operation<GetNote, Empty>({.name = "notes.remove", .rest = "DELETE /notes/{id}"});
    EXPECT_TRUE(make_route(remove)->answers_nothing);
    EXPECT_FALSE(make_route(remove)->takes_body());
}

TEST(Route, IsPublicOnlyForMetadataThatAnyoneMayRead) {
    auto keys =
        sample::operation<Empty, Note>({.name = "a.b", .rest = "GET /.well-known/keys", .access = Access::anyone});
    EXPECT_TRUE(make_route(keys)->is_public);
    keys.info.access = Access::signed_in;
    EXPECT_FALSE(make_route(keys)->is_public);
}

TEST(Route, DoesNotExistForOperationsThatRestDoesNotOffer) {
    EXPECT_FALSE(make_route(sample::operation<GetNote, Note>({.name = "a.b"})));
    EXPECT_FALSE(make_route(sample::operation<GetNote, Note>({.name = "a.b", .rest = "GET"})));
    EXPECT_FALSE(make_route(sample::operation<GetNote, Note>({.name = "a.b", .rest = "GET x"})));
    EXPECT_FALSE(
        make_route(sample::operation<GetNote, Note>({.name = "a.b", .rest = "GET /x", .access = Access::system})));
}

TEST(PathTemplate, IsFilledFromAnOutput) {
    Note const note{.id = "a/b\"\r\n", .version = 7};
    EXPECT_EQ(PathTemplate("/notes/{id}/{version}/x", struct_type<Note>()).fill(&note), "/notes/a%2Fb%22%0D%0A/7/x");
    EXPECT_EQ(PathTemplate("/notes", struct_type<Note>()).fill(&note), "/notes");
    EXPECT_TRUE(PathTemplate("/notes/{unknown}", struct_type<Note>()).empty());
    EXPECT_TRUE(PathTemplate("notes/{id}", struct_type<Note>()).empty());
    EXPECT_TRUE(PathTemplate("/{tags}", struct_type<sample::Search>()).empty());
}

}  // namespace
}  // namespace nexpo::gateway
