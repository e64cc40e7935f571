// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kDetail = "the detail that only the log may show";

/// Throws what the word says.
void throw_as_told(std::string_view word) {
    if (word == "not_found") throw Exception({Errc::not_found, "note_not_found", "there is no such note"});
    if (word == "internal") throw Exception({Errc::internal, "broken", kDetail});
    if (word == "unknown") throw Exception({Errc::unknown, "odd", kDetail});
    if (word == "data_loss") throw Exception({Errc::data_loss, "damaged", kDetail, {{"/a", "b", kDetail}}});
    if (word == "std") throw std::runtime_error(kDetail);
    if (word == "int") throw 42;  // NOLINT
}

/// Operations that throw in the step that their name says.
OperationTable throwing_table() {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "throw.handler", .permission = "notes:read"},
                           .handler = [](Call&, Ping const& input) -> Reply<Pong> {
                               throw_as_told(input.word);
                               return Pong{};
                           }});
    table.add<Ping, Pong>({.info = {.name = "throw.read", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
                               return call.read([&](Read&) -> Result<Pong> {
                                   throw_as_told(input.word);
                                   return Pong{};
                               });
                           }});
    table.add<Ping, Pong>(
        {.info = {.name = "throw.closure", .kind = OperationKind::mutation, .permission = "notes:write"},
         .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
             return call.write([&input](Transaction& tx) -> Result<Pong> {
                 auto inserted = insert_note(tx, input);
                 throw_as_told(input.word);
                 return inserted;
             });
         }});
    table.add<Ping, Pong>(note_operation({.name = "throw.before", .permission = "notes:write"}));
    table.before<Ping>("throw.before", [](Call&, Ping& input) {
        throw_as_told(input.word);
        return Result<void>();
    });
    table.add<Ping, Pong>(note_operation({.name = "throw.after", .permission = "notes:write"}));
    table.after<Ping, Pong>("throw.after",
                            [](Call const&, Ping const& input, Pong const&) { throw_as_told(input.word); });
    return table;
}

TEST(PipelineFailures, AreMappedWhereverTheyAreThrown) {
    struct Case {
        char const* thrown;
        Errc code;
        char const* reason;
    };
    for (auto const* operation : {"throw.handler", "throw.read", "throw.closure", "throw.before"}) {
        TestPipeline test(throwing_table());
        for (auto const& [thrown, code, reason] :
             {Case{"internal", Errc::internal, "internal"}, Case{"unknown", Errc::unknown, "unknown"},
              Case{"data_loss", Errc::data_loss, "data_loss"}, Case{"std", Errc::internal, "internal"},
              Case{"int", Errc::internal, "internal"}}) {
            test.log->clear();
            auto request = test.request(BearerToken{"owner"}, {.word = thrown});
            request.request_id = "req-" + std::string(thrown);
            auto const outcome = test.run(operation, std::move(request));
            ASSERT_FALSE(outcome.result) << operation << thrown;
            auto const& error = outcome.result.error();
            EXPECT_EQ(error.code, code) << operation << thrown;
            EXPECT_EQ(error.reason, reason) << operation << thrown;
            EXPECT_THAT(error.message, Not(HasSubstr(kDetail))) << operation << thrown;
            EXPECT_TRUE(error.violations.empty()) << operation << thrown;
            ASSERT_EQ(test.log->lines().size(), 1U) << operation << thrown;
            auto const line = test.log->lines().front();
            EXPECT_THAT(line, HasSubstr("\"request_id\":\"req-" + std::string(thrown) + "\""));
            EXPECT_THAT(line, HasSubstr("\"operation\":\"" + std::string(operation) + "\""));
            EXPECT_THAT(line, HasSubstr("\"level\":\"error\""));
            if (std::string_view(thrown) != "int") {
                EXPECT_THAT(line, HasSubstr(kDetail));
            }
        }
        test.log->clear();
        auto const outcome = test.call(operation, "owner", {.word = "not_found"});
        ASSERT_FALSE(outcome.result);
        EXPECT_EQ(outcome.result.error().code, Errc::not_found);
        EXPECT_EQ(outcome.result.error().reason, "note_not_found");
        EXPECT_EQ(outcome.result.error().message, "there is no such note");
        EXPECT_TRUE(test.log->lines().empty()) << operation;
        EXPECT_EQ(test.count("notes"), 0) << operation;
        EXPECT_EQ(test.count("audit_entries"), 0) << operation;
        EXPECT_TRUE(test.call(operation, "owner", {.word = "fine"}).result) << operation;
    }
}

TEST(PipelineFailures, OfAnAfterHookAreLoggedAndDoNotSpoilTheAnswer) {
    TestPipeline test(throwing_table());
    for (auto const* thrown : {"not_found", "std", "int"}) {
        test.log->clear();
        auto request = test.request(BearerToken{"owner"}, {.word = thrown});
        request.request_id = "req-1";
        auto const outcome = test.run("throw.after", std::move(request));
        ASSERT_TRUE(outcome.result) << thrown;
        EXPECT_TRUE(test.log->contains("an after hook failed")) << thrown;
        EXPECT_TRUE(test.log->contains("\"request_id\":\"req-1\"")) << thrown;
    }
    EXPECT_EQ(test.count("notes"), 3);
}

TEST(PipelineFailures, AfterTheCommitAreLoggedAndDoNotSpoilTheAnswer) {
    OperationTable table;
    table.add<Ping, Pong>(
        {.info = {.name = "throw.committed", .kind = OperationKind::mutation, .permission = "notes:write"},
         .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
             return call.write([&input](Transaction& tx) {
                 tx.after_commit([&input] { throw_as_told(input.word); });
                 return insert_note(tx, input);
             });
         }});
    TestPipeline test(table);
    for (auto const* thrown : {"internal", "std", "int"}) {
        EXPECT_TRUE(test.call("throw.committed", "owner", {.word = thrown}).result) << thrown;
    }
    EXPECT_EQ(test.count("notes"), 3);
    EXPECT_TRUE(test.log->contains(kDetail));
}

TEST(PipelineFailures, InReadsLoseNoConnection) {
    TestPipeline test(throwing_table(), {.readers = 1});
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(test.call("throw.read", "owner", {.word = "std"}).result);
    EXPECT_TRUE(test.call("throw.read", "owner", {.word = "fine"}).result);
}

TEST(PipelineFailures, InReadsCanBeHandled) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "throw.handled", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
                               auto const read = call.read([&](Read&) -> Result<Pong> {
                                   throw_as_told(input.word);
                                   return Pong{};
                               });
                               return Pong{.word = read ? "read" : read.error().reason};
                           }});
    TestPipeline test(table);
    EXPECT_EQ(pong(test.call("throw.handled", "owner", {.word = "not_found"})).word, "note_not_found");
}

TEST(PipelineFailures, OfDecodingAreMappedToo) {
    TestPipeline test(throwing_table());
    auto request = test.request(BearerToken{"owner"}, {});
    request.decode = [](StructType const&) -> Result<std::shared_ptr<void>> { throw std::bad_alloc(); };
    EXPECT_EQ(test.run("throw.handler", std::move(request)).result.error().code, Errc::internal);
}

TEST(PipelineFailures, ReturnedAsInternalAreMaskedToo) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "fail.sql", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const&) -> Reply<Pong> {
                               return call.read([](Read& read) -> Result<Pong> {
                                   auto none = read.one<Pong>("SELECT word FROM nowhere", {});
                                   if (!none) return std::move(none).error();
                                   return Pong{};
                               });
                           }});
    TestPipeline test(table);
    auto const outcome = test.call("fail.sql", "owner", {.word = "hello"});
    EXPECT_EQ(outcome.result.error().code, Errc::internal);
    EXPECT_THAT(outcome.result.error().message, Not(HasSubstr("nowhere")));
    EXPECT_TRUE(test.log->contains("nowhere"));
}

/// Gives random bytes until it is switched off.
class FailingRandom final : public Random {
 public:
    void fill(std::span<std::byte> bytes) override {
        if (failing) throw Exception({Errc::internal, "random_failed", "no randomness"});
        good_.fill(bytes);
    }

    std::atomic<bool> failing = false;

 private:
    testing::SeededRandom good_{7};
};

TEST(PipelineFailures, WithoutRandomnessAreAnswers) {
    auto const random = std::make_shared<FailingRandom>();
    TestPipeline test(throwing_table(), {.random = random});
    random->failing = true;
    auto const outcome = test.call("throw.handler", "owner", {.word = "fine"});
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Errc::internal);
    random->failing = false;
    EXPECT_TRUE(test.call("throw.handler", "owner", {.word = "fine"}).result);
    test.pipeline.close();  // every call was counted out
}

}  // namespace

}  // namespace nexpo::operation
