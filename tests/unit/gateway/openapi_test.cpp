// SPDX-License-Identifier: Apache-2.0
#include "gateway/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using sample::Change;
using sample::GetNote;
using sample::Note;
using sample::Search;

Json document() {
    std::vector<AnyOperation> const operations{
        sample::operation<GetNote, Note>({.name = "notes.get",
                                          .summary = "One note.",
                                          .rest = "GET /notes/{id}",
                                          .permission = "notes:read",
                                          .reasons = {{Errc::not_found, "note_not_found"}}}),
        sample::operation<Search, Page<Note>>(
            {.name = "notes.list", .rest = "GET /search/{id}", .access = Access::anyone}),
        sample::operation<Change, Note>({.name = "notes.update",
                                         .kind = OperationKind::mutation,
                                         .rest = "PATCH /notes/{id}",
                                         .permission = "notes:write",
                                         .reasons = {{Errc::aborted, "version_mismatch"}}}),
        sample::operation<Change, Note>(
            {.name = "notes.create",
             .kind = OperationKind::mutation,
             .rest = "POST /notes",
             .location = "/notes/{id}",
             .access = Access::signed_in,
             .reasons = {{Errc::already_exists, "title_taken"}, {Errc::already_exists, "colour_taken"}}}),
        sample::operation<GetNote, Empty>(
            {.name = "notes.remove", .kind = OperationKind::mutation, .rest = "DELETE /notes/{id}"}),
        sample::operation<Empty, Empty>(
            {.name = "auth.logout", .kind = OperationKind::mutation, .rest = "POST /logout"}),
        sample::operation<GetNote, Note>({.name = "notes.hidden"}),
    };
    return openapi_document(operations, "1.2.3");
}

/// What stands at a path of member names and positions; null when nothing does.
Json at(Json const& json, std::initializer_list<std::string_view> path) {
    Json const* here = &json;
    for (auto const name : path) {
        if (auto const* array = here->if_array()) {
            here = &array->at(static_cast<std::size_t>(name[0] - '0'));
        } else {
            here = here->find(name);
        }
        if (here == nullptr) return {};
    }
    return *here;
}

std::vector<std::string> names(Json const& object) {
    std::vector<std::string> all;
    for (auto const& [name, value] : *object.if_object()) all.push_back(name);
    return all;
}

TEST(OpenApi, ListsEveryOperationThatRestOffers) {
    auto const json = document();
    EXPECT_EQ(at(json, {"openapi"}), Json("3.1.0"));
    EXPECT_EQ(at(json, {"info", "version"}), Json("1.2.3"));
    EXPECT_THAT(names(at(json, {"paths"})), testing::ElementsAre("/logout", "/notes", "/notes/{id}", "/search/{id}"));
    EXPECT_THAT(names(at(json, {"paths", "/notes/{id}"})), testing::ElementsAre("get", "patch", "delete"));
    EXPECT_EQ(at(json, {"tags"}).dump(), R"([{"name":"notes"},{"name":"auth"}])");
    EXPECT_EQ(at(json, {"paths", "/notes/{id}", "get", "operationId"}), Json("notes.get"));
    EXPECT_EQ(at(json, {"paths", "/notes/{id}", "get", "summary"}), Json("One note."));
    EXPECT_EQ(at(json, {"paths", "/notes/{id}", "get", "x-permission"}), Json("notes:read"));
}

TEST(OpenApi, SaysWhoMayCall) {
    auto const json = document();
    EXPECT_EQ(at(json, {"paths", "/notes/{id}", "get", "security"}).dump(), R"([{"bearer":[]}])");
    EXPECT_EQ(at(json, {"paths", "/search/{id}", "get", "security"}).dump(), "[]");
    EXPECT_EQ(at(json, {"components", "securitySchemes", "bearer", "scheme"}), Json("bearer"));
    EXPECT_EQ(at(json, {"paths", "/notes", "post", "responses", "403", "x-reasons"}).dump(), R"(["account_required"])");
}

TEST(OpenApi, PutsInputsWhereTheyAreRead) {
    auto const json = document();
    auto const list = at(json, {"paths", "/search/{id}", "get", "parameters"});
    EXPECT_EQ(at(list, {"0"}).dump(),
              R"({"name":"id","in":"path","required":true,"schema":{"type":"string","minLength":1}})");
    EXPECT_EQ(at(list, {"1", "in"}), Json("query"));
    EXPECT_EQ(list.if_array()->size(), struct_type<Search>().fields().size());
    EXPECT_EQ(list.if_array()->back().dump(),
              R"({"name":"filter","in":"query","content":{"application/json":{"schema":{}}}})");
    EXPECT_TRUE(at(json, {"paths", "/search/{id}", "get", "requestBody"}).is_null());
    EXPECT_TRUE(at(json, {"paths", "/logout", "post", "requestBody"}).is_null());

    auto const body = at(json, {"paths", "/notes/{id}", "patch", "requestBody"});
    EXPECT_EQ(at(body, {"required"}), Json(true));
    EXPECT_EQ(at(body, {"content", "application/merge-patch+json", "schema", "$ref"}),
              Json("#/components/schemas/ChangeBody"));
    EXPECT_EQ(at(body, {"content", "application/json", "schema", "$ref"}), Json("#/components/schemas/ChangeBody"));
    EXPECT_EQ(at(json, {"paths", "/notes", "post", "requestBody", "content", "application/json", "schema", "$ref"}),
              Json("#/components/schemas/Change"));
}

TEST(OpenApi, SaysWhatComesBack) {
    auto const json = document();
    auto const create = at(json, {"paths", "/notes", "post", "responses"});
    EXPECT_THAT(names(create), testing::ElementsAre("201", "400", "401", "403", "409", "422", "429", "default"));
    EXPECT_EQ(at(create, {"409", "x-reasons"}).dump(), R"(["colour_taken","title_taken"])");
    EXPECT_THAT(names(at(create, {"201", "headers"})), testing::ElementsAre("Location", "ETag"));
    EXPECT_EQ(at(create, {"201", "content", "application/json", "schema", "$ref"}), Json("#/components/schemas/Note"));
    EXPECT_TRUE(at(json, {"paths", "/notes/{id}", "delete", "responses", "204", "content"}).is_null());
    EXPECT_EQ(at(json, {"paths", "/notes/{id}", "patch", "responses", "412", "x-reasons"}).dump(),
              R"(["version_mismatch"])");
    EXPECT_THAT(names(at(json, {"paths", "/search/{id}", "get", "responses", "200", "headers"})),
                testing::ElementsAre("Link"));
}

TEST(OpenApi, DefinesEverythingThatItRefersTo) {
    auto const json = document();
    std::set<std::string> references;
    auto const text = json.dump();
    for (auto found = text.find("\"$ref\":\"#/"); found != std::string::npos;
         found = text.find("\"$ref\":\"#/", found + 1)) {
        auto const start = found + 10;
        references.insert(text.substr(start, text.find('"', start) - start));
    }
    EXPECT_GE(references.size(), 10U);
    for (auto const& reference : references) {
        auto const first = reference.find('/');
        auto const second = reference.find('/', first + 1);
        EXPECT_FALSE(at(json, {reference.substr(0, first), reference.substr(first + 1, second - first - 1),
                               reference.substr(second + 1)})
                         .is_null())
            << reference;
    }
}

TEST(OpenApi, IsTheSameEveryTime) {
    EXPECT_EQ(document().dump(), document().dump());
}

}  // namespace
}  // namespace nexpo::gateway
