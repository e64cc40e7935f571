// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "integration/notes.hpp"
#include "nexpo/dynamic_struct.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::TestBackend;

/// What a binding of another language has: types and functions that are known only when the program runs.
struct Script {
    StructType const* input = nullptr;
    StructType const* output = nullptr;

    Script() {
        StructBuilder in("AddTask");
        in.add(in.field("title", DynamicType::text()).required().max(20));
        in.add(in.field("tags", DynamicType::list(DynamicType::text())).max(3));
        in.add(in.field("priority", DynamicType::enumeration({"low", "high"}))).initial("priority", "high");
        input = in.build().value();
        StructBuilder out("Task");
        out.add(out.field("id", DynamicType::text()));
        out.add(out.field("title", DynamicType::text()));
        out.add(out.field("stars", DynamicType::optional(DynamicType::integer())));
        out.add(out.field("due", DynamicType::optional(DynamicType::timestamp())));
        output = out.build().value();
    }
};

Script const& script() {
    static Script const script;
    return script;
}

AnyOutput task(std::string_view id, std::string_view title) {
    auto made = script().output->make();
    EXPECT_TRUE(from_json(*script().output, made.get(),
                          Json(Json::Object{{"id", std::string(id)}, {"title", std::string(title)}, {"stars", 3}})));
    return made;
}

std::string_view text_of(StructType const& type, void const* value, std::string_view name) {
    auto const& field = *type.find(name);
    return field.type().text(static_cast<char const*>(value) + field.offset());
}

AnyReply add_task(Call& call, void const* input) {
    return AnyWrite([&call, input](Transaction& tx) -> Result<AnyOutput> {
        auto const id = call.new_id("task");
        auto const title = text_of(*script().input, input, "title");
        SqlParam const row[] = {id, call.organization_id(), title};
        auto added = tx.execute_untyped("INSERT INTO tasks (id, organization_id, title) VALUES ($1, $2, $3)", row);
        if (!added) return std::move(added).error();
        auto answer = task(id, title);
        tx.emit_untyped("task.added", *script().output, answer.get());
        return answer;
    });
}

AnyReply find_task(Call& call, void const*) {
    return call.read([&](Read& read) -> Result<AnyOutput> {
        auto const& row = DynamicType::structure(*script().output).value_type();
        std::shared_ptr<void> found;
        auto done = read.select("SELECT id, title FROM tasks LIMIT 1", {}, row, &found, [](void* at) -> void* {
            auto& place = *static_cast<std::shared_ptr<void>*>(at);
            if (place) return nullptr;
            place = script().output->make();
            return place.get();
        });
        if (!done) return std::move(done).error();
        return AnyOutput(found);
    });
}

/// What the functions of the table were called with.
std::vector<std::string>& heard() {
    static std::vector<std::string> lines;
    return lines;
}

void add_tasks(Config& config) {
    heard().clear();
    config.migrations.push_back({.owner = "tasks",
                                 .number = 1,
                                 .name = "tasks",
                                 .sql = "CREATE TABLE tasks (id {{id}} PRIMARY KEY, organization_id {{id}} NOT NULL,"
                                        " title {{text}} NOT NULL) {{strict}};"});
    config.operations.add_untyped(
        AnyOperation{.info = {.name = "tasks.add",
                              .kind = OperationKind::mutation,
                              .rest = "POST /tasks",
                              .location = "/tasks/{id}",
                              .permission = "tasks:write",
                              .emits = {{.name = "task.added", .payload = script().output, .permission = {}}}},
                     .input = script().input,
                     .output = script().output,
                     .handler = add_task});
    config.operations.add_untyped(AnyOperation{.info = {.name = "tasks.find", .permission = "tasks:read"},
                                               .input = &struct_type<ListNotes>(),
                                               .output = script().output,
                                               .handler = find_task});
    config.operations.add_untyped(AnyHook{
        .operation = "users.create",
        .before = [](Call&, OperationTypes const& types, void* input) -> Result<void> {
            auto const& email = *types.input->find("email");
            auto* const at = static_cast<char*>(input) + email.offset();
            if (email.type().text(at) == "eve@example.com") return Error{Errc::permission_denied, "unwanted", "no"};
            if (email.type().text(at) == "odd@example.com") email.type().set_text(at, "not an address");
            return {};
        },
        .after =
            [](Call const&, OperationTypes const& types, void const* input, void const* output) {
                heard().push_back(types.input->name() + " " + std::string(text_of(*types.input, input, "email")) + " " +
                                  types.output->name() + " " + std::string(text_of(*types.output, output, "email")));
            }});
    auto const follow = [](std::string name) {
        return AnyJob{.kind = {.name = std::move(name)},
                      .output = &struct_type<Empty>(),
                      .handler = [](JobRun& run, void const* input) -> AnyReply {
                          heard().push_back(run.input_type().name() + " " + to_json(run.input_type(), input));
                          return Result<AnyOutput>(std::make_shared<Empty>());
                      }};
    };
    config.jobs.on_untyped("user.created", follow("users.greet"));
    config.jobs.on_untyped("task.added", follow("tasks.follow"));
    auto remind = follow("tasks.remind");
    remind.input = script().input;
    config.jobs.add_untyped(std::move(remind));
}

Response post(Backend const& backend, Tokens const& tokens, std::string body) {
    return backend.gateway().handle(
        {.method = "POST",
         .target = "/tasks",
         .headers = {{"content-type", "application/json"}, {"authorization", "Bearer " + tokens.access_token}},
         .body = std::move(body)});
}

TEST(Untyped, OperationsAreServedLikeTypedOnes) {
    TestBackend const test(add_tasks);
    auto const ada = test.sign_up("ada@example.com");
    auto const added = post(test.backend, ada, R"({"title":"Milk","tags":["a"]})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_THAT(added.body, ::testing::HasSubstr(R"("title":"Milk","stars":3,"due":null})"));
    auto const found = test.as(ada).invoke("tasks.find", Json(Json::Object{})).value();
    EXPECT_EQ(*found.find("title")->if_string(), "Milk");

    auto const refused = post(test.backend, ada, R"({"title":"a title of far too many characters","tags":[1]})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, ::testing::AllOf(::testing::HasSubstr("/title"), ::testing::HasSubstr("/tags/0")));

    auto const document =
        Json::parse(test.backend.gateway().handle({.method = "GET", .target = "/openapi.json"}).body, 64).value();
    auto const& schema = *document.find("components")->find("schemas")->find("AddTask");
    EXPECT_EQ(schema.find("properties")->find("priority")->dump(),
              R"({"type":"string","enum":["low","high"],"default":"high"})");
}

TEST(Untyped, OperationsAnswerAgainForTheSameKey) {
    TestBackend const test(add_tasks);
    auto const acme = test.backend.as_system("acme").with({.idempotency_key = "once"});
    Json const milk = Json::Object{{"title", "Milk"}};
    auto const first = acme.invoke("tasks.add", milk).value();
    EXPECT_EQ(acme.invoke("tasks.add", milk).value(), first);
}

TEST(Untyped, HooksKnowTheTypesOfAnyOperation) {
    TestBackend const test(add_tasks);
    auto const acme = test.backend.as_system("acme");
    EXPECT_EQ(acme.users().create({.email = "eve@example.com"}).error().reason, "unwanted");
    EXPECT_EQ(acme.users().create({.email = "odd@example.com"}).error().reason, "validation_failed");
    ASSERT_TRUE(acme.users().create({.email = "ada@example.com"}).has_value());
    EXPECT_THAT(heard(), ::testing::ElementsAre("CreateUser ada@example.com User ada@example.com"));
}

TEST(Untyped, JobsFollowEventsOfAnyPayload) {
    TestBackend const test(add_tasks);
    auto const acme = test.backend.as_system("acme");
    ASSERT_TRUE(acme.users().create({.email = "ada@example.com"}).has_value());
    ASSERT_TRUE(acme.invoke("tasks.add", Json(Json::Object{{"title", "Milk"}})).has_value());
    heard().clear();
    EXPECT_EQ(test.backend.work({}).value(), 2);
    EXPECT_THAT(heard(), ::testing::UnorderedElementsAre(::testing::StartsWith("UserEvent {"),
                                                         ::testing::StartsWith("Task {\"id\":\"task_")));
}

TEST(Untyped, TablesLackingAnythingAreRefused) {
    using Case = std::pair<char const*, void (*)(Config&)>;
    for (auto const& [what, adjust] :
         {Case{"no types",
               [](Config& config) {
                   config.operations.add_untyped(
                       AnyOperation{.info = {.name = "tasks.add", .permission = "tasks:write"}, .handler = add_task});
               }},
          Case{"a hook without function",
               [](Config& config) { config.operations.add_untyped(AnyHook{.operation = "users.create"}); }},
          Case{"an unknown event",
               [](Config& config) {
                   config.jobs.on_untyped("nothing.happened", {.kind = {.name = "a.b"},
                                                               .output = &struct_type<Empty>(),
                                                               .handler = [](JobRun&, void const*) -> AnyReply {
                                                                   return Result<AnyOutput>(Error{});
                                                               }});
               }},
          Case{"a job without input", [](Config& config) {
                   config.jobs.add_untyped(
                       {.kind = {.name = "a.b"},
                        .output = &struct_type<Empty>(),
                        .handler = [](JobRun&, void const*) -> AnyReply { return Result<AnyOutput>(Error{}); }});
               }}}) {
        TestBackend const test;
        auto const opened = Backend::open(test.config(adjust));
        ASSERT_FALSE(opened) << what;
        EXPECT_EQ(opened.error().code, Errc::invalid_argument) << what;
    }
}

TEST(Untyped, SchedulesTakeAnyInput) {
    TestBackend const test([](Config& config) {
        add_tasks(config);
        auto const input = script().input->make();
        ASSERT_TRUE(from_json(*script().input, input.get(), Json(Json::Object{{"title", "Daily"}})).has_value());
        config.jobs.schedule_untyped("daily", "tasks.remind", {.rule = "0 3 * * *"}, *script().input, input.get());
    });
    test.clock->advance(std::chrono::hours(24));
    ASSERT_TRUE(test.backend.work({}).has_value());
    test.clock->advance(std::chrono::hours(24));
    ASSERT_TRUE(test.backend.work({}).has_value());
    EXPECT_THAT(heard(), ::testing::Contains(::testing::HasSubstr(R"("title":"Daily")")));
}

}  // namespace

}  // namespace nexpo
