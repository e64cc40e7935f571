// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "integration/database.hpp"
#include "integration/notes.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempDir;
using testing::TestBackend;
using testing::TestDatabase;

constexpr auto kKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Why a backend cannot be opened; empty when it can.
std::string refusal(Config const& config) {
    auto const opened = Backend::open(config);
    return opened ? "" : opened.error().reason;
}

TEST(Backend, SignsUpSignsInAndRefuses) {
    TestBackend const test;
    auto const tokens = test.sign_up("Ada@Example.com");
    EXPECT_EQ(tokens.token_type, "Bearer");
    EXPECT_EQ(tokens.expires_in, 900);

    auto const me = test.as(tokens).users().me();
    ASSERT_TRUE(me) << me.error().message;
    EXPECT_EQ(me->email, "ada@example.com");
    EXPECT_EQ(me->role, Role::owner);

    auto const anonymous = test.backend.as_anonymous().auth();
    auto const again = anonymous.login({.email = "ada@example.com", .password = "correct horse"});
    ASSERT_TRUE(again) << again.error().message;
    auto const wrong = anonymous.login({.email = "ada@example.com", .password = "wrong horse"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().reason, "credentials_invalid");

    auto const api = test.as(tokens);
    ASSERT_TRUE(api.auth().logout());
    EXPECT_EQ(api.users().me().error().code, Errc::unauthenticated);
    auto const refreshed = anonymous.refresh({.refresh_token = Secret(tokens.refresh_token)});
    EXPECT_EQ(refreshed.error().reason, "refresh_token_invalid");
}

TEST(Backend, AnswersUnavailableOnceClosed) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    auto const copy = test.backend;
    EXPECT_TRUE(copy.health().ok);
    copy.close();
    copy.close();
    std::vector<Error> const errors{api.users().me().error(),
                                    api.auth().logout().error(),
                                    test.backend.as_system("acme").users().list({}).error(),
                                    test.backend.as_anonymous().auth().keys().error(),
                                    test.backend.authenticate(Secret(tokens.access_token)).error(),
                                    api.invoke("users.me", Json(Json::Object{})).error()};
    for (auto const& error : errors) {
        EXPECT_EQ(error.code, Errc::unavailable);
        EXPECT_EQ(error.reason, "closed");
    }
    auto const health = test.backend.health();
    EXPECT_FALSE(health.ok);
    ASSERT_EQ(health.checks.size(), 1U);
    EXPECT_FALSE(health.checks[0].message.empty());
    EXPECT_THAT(test.backend.metrics(), HasSubstr("nexpo_calls_total"));
    EXPECT_EQ(test.backend.gateway().handle({.method = "GET", .target = "/users/me"}).status, 503);
}

TEST(Backend, LetsRunningCallsFinishWhileItCloses) {
    TestBackend const test;
    std::promise<void> entered;
    std::promise<void> release;
    auto config = test.config(nullptr);
    add_notes(config);
    config.operations.before<AddNote>("notes.add", [&](Call&, AddNote&) {
        entered.set_value();
        release.get_future().wait();
        return Result<void>();
    });
    std::atomic<bool> finished = false;
    config.operations.after<AddNote, Note>("notes.add",
                                           [&](Call const&, AddNote const&, Note const&) { finished = true; });
    auto const backend = Backend::open(config).value();
    auto running = std::async(std::launch::async, [&] {
        return backend.as_system("acme").call<Note>("notes.add", AddNote{.text = "the last one"});
    });
    entered.get_future().wait();
    std::vector<std::future<bool>> closers;
    for (int i = 0; i < 2; ++i) {
        closers.push_back(std::async(std::launch::async, [&] {
            backend.close();
            return finished.load();
        }));
    }
    while (backend.health().ok) std::this_thread::yield();
    release.set_value();
    for (auto& closer : closers) EXPECT_TRUE(closer.get());
    EXPECT_TRUE(running.get());
    EXPECT_EQ(Database(test).rows<std::string>("SELECT text FROM notes").at(0), "the last one");
}

TEST(Backend, WritesWhatItHasInMemoryWhenItCloses) {
    TestBackend const test;
    EXPECT_FALSE(test.backend.as_anonymous().users().me());
    test.backend.close();
    EXPECT_THAT(
        Database(test).rows<std::string>("SELECT operation || ' ' || reason || ' ' || actor FROM audit_denials"),
        ElementsAre("users.me sign_in_required anonymous"));
}

TEST(Backend, IsUselessInAForkedChildAndHarmsNobodyThere) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto config = test.config(nullptr);
    auto backend = std::make_unique<Backend>(Backend::open(config).value());
    auto api = std::make_unique<Api>(backend->authenticate(Secret(tokens.access_token)).value());
    auto const child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        alarm(60);  // a child that hangs fails the test
        auto const me = api->users().me();
        bool forked = !me && me.error().code == Errc::failed_precondition && me.error().reason == "forked";
        forked = forked && !backend->health().ok;
        forked = forked && backend->authenticate(Secret(tokens.access_token)).error().reason == "forked";
        forked =
            forked && backend->as_system("acme").users().create({.email = "x@example.com"}).error().reason == "forked";
        forked = forked && backend->gateway().handle({.method = "GET", .target = "/users/me"}).status == 409;
        backend->close();
        api.reset();
        backend.reset();  // the last handle
        _exit(forked ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(api->users().me()) << "the parent goes on";
    EXPECT_TRUE(api->users().create({.email = "bob@example.com"}));
}

TEST(Backend, OpensTheSameFileTwice) {
    TestBackend const test;
    auto const second = Backend::open(test.config(nullptr)).value();
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = second.authenticate(Secret(tokens.access_token)).value();
    ASSERT_TRUE(api.users().create({.email = "bob@example.com"}));
    EXPECT_EQ(test.as(tokens).users().list({})->items.size(), 2U);
    second.close();
    EXPECT_TRUE(test.as(tokens).users().me());
}

TEST(BackendConcurrency, SeveralOpenANewDatabaseAtOnce) {
    auto const clock = std::make_shared<testing::ManualClock>();
    for (int round = 0; round < 5; ++round) {
        TestDatabase const database;
        Config config{.threads = {.hash = 1, .readers = 2}, .clock = clock};
        database.configure(config);
        std::vector<std::future<Result<Backend>>> opening;
        for (int i = 0; i < 4; ++i) {
            opening.push_back(std::async(std::launch::async, [&] { return Backend::open(config); }));
        }
        std::vector<Backend> backends;
        for (auto& each : opening) {
            auto opened = each.get();
            ASSERT_TRUE(opened) << opened.error().reason << ": " << opened.error().message;
            backends.push_back(*opened);
        }
        auto const keys = to_json(*backends[0].as_anonymous().auth().keys());
        for (auto const& backend : backends) {
            EXPECT_EQ(to_json(*backend.as_anonymous().auth().keys()), keys) << "all sign with one key";
        }
    }
}

TEST(Backend, RefusesADatabaseOfANewerVersion) {
    TestBackend const test;
    test.backend.close();
    Database(test).execute(
        "INSERT INTO nexpo_migrations (owner, number, name, checksum, applied_at)"
        " SELECT owner, number + 90, 'from_the_future', checksum, applied_at FROM nexpo_migrations"
        " WHERE owner = 'nexpo/user'");
    auto const opened = Backend::open(test.config(nullptr));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::failed_precondition);
    EXPECT_EQ(opened.error().reason, "database_newer");
    EXPECT_THAT(opened.error().message, HasSubstr("from_the_future"));
}

TEST(Backend, MigratesOnlyWhereItMay) {
    TestBackend const test;
    test.backend.close();
    auto const serves_only = [](Config& config) {
        config.migrate = false;
        config.database_owner = Secret();
    };
    EXPECT_EQ(refusal(test.config(serves_only)), "");
    Database(test).execute("DELETE FROM nexpo_migrations WHERE owner = 'nexpo/auth'");
    EXPECT_EQ(refusal(test.config(serves_only)), "migration_missing");
}

TEST(Backend, MakesNoFileWhereItMayNotMigrate) {
    TempDir const directory;
    auto const path = directory.file("mistyped.db");
    auto const opened = Backend::open({.database = "sqlite:" + path, .migrate = false});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::failed_precondition);
    EXPECT_EQ(opened.error().reason, "database_missing");
    EXPECT_FALSE(std::filesystem::exists(path));
    std::ofstream(path).close();
    EXPECT_EQ(refusal({.database = "sqlite:" + path, .migrate = false}), "migration_missing");
}

TEST(Backend, RefusesAMigrationThatWasChanged) {
    TestBackend const test;
    test.backend.close();
    Database(test).execute("UPDATE nexpo_migrations SET checksum = 'fnv1a-0' WHERE owner = 'nexpo/auth'");
    EXPECT_EQ(refusal(test.config(nullptr)), "migration_changed");
}

TEST(Backend, ReportsEveryBadSetting) {
    auto const opened = Backend::open({.auth = {.issuer = "", .access_token_seconds = 59, .hash_queue = -1},
                                       .limits = {.address_per_minute = -1, .call_seconds = 0},
                                       .threads = {.hash = 1'025, .readers = 0}});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::invalid_argument);
    EXPECT_EQ(opened.error().reason, "validation_failed");
    std::vector<std::string> fields;
    for (auto const& violation : opened.error().violations) fields.push_back(violation.field);
    EXPECT_THAT(fields,
                ElementsAre("/database", "/auth/issuer", "/auth/access_token_seconds", "/auth/hash_queue",
                            "/limits/address_per_minute", "/limits/call_seconds", "/threads/hash", "/threads/readers"));
}

TEST(Backend, RefusesDatabasesThatItCannotUse) {
    TempDir const directory;
    for (auto const* url : {"app.db", "mysql://localhost", "sqlite:", "sqlite::memory:", "sqlite:file:x?mode=memory"}) {
        auto const opened = Backend::open({.database = url});
        ASSERT_FALSE(opened) << url;
        EXPECT_EQ(opened.error().code, Errc::invalid_argument) << url;
        EXPECT_EQ(opened.error().violations.at(0).field, "/database") << url;
    }
    auto const missing = Backend::open({.database = "sqlite:" + directory.file("no/such/folder.db")});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::unavailable);
    std::ofstream(directory.file("text.db")) << std::string(10'000, 'x');
    auto const text = Backend::open({.database = "sqlite:" + directory.file("text.db")});
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Errc::data_loss);
    EXPECT_EQ(text.error().reason, "database_damaged");
}

TEST(SealingKey, MustBeTheOneThatTheDatabaseWasMadeWith) {
    TestDatabase const database;
    Config config{.sealing_key = kKey};
    database.configure(config);
    EXPECT_EQ(refusal(config), "");
    EXPECT_EQ(refusal(config), "") << "again";
    for (auto const& other : {Secret("ff" + std::string(62, '0')), Secret()}) {
        config.sealing_key = other;
        auto const opened = Backend::open(config);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, Errc::failed_precondition);
        EXPECT_EQ(opened.error().reason, "sealing_key_wrong");
    }
    config.sealing_key = "too short";
    auto const malformed = Backend::open(config);
    EXPECT_EQ(malformed.error().code, Errc::invalid_argument);
    EXPECT_EQ(malformed.error().reason, "sealing_key_invalid");
    EXPECT_THAT(malformed.error().message, Not(HasSubstr("too short")));
    config.sealing_key = kKey;
    EXPECT_EQ(refusal(config), "") << "the right one still fits";
}

TEST(SealingKey, ThatIsMissingIsLoggedAsWeak) {
    TestBackend const weak;
    EXPECT_TRUE(weak.log->contains("\"level\":\"warning\""));
    EXPECT_TRUE(weak.log->contains("no sealing_key is configured"));
    auto config = weak.config(nullptr);
    config.sealing_key = kKey;
    EXPECT_EQ(refusal(config), "") << "the key in the database is an old one from now on";
    TestBackend const strong([](Config& adjusted) { adjusted.sealing_key = kKey; });
    EXPECT_FALSE(strong.log->contains("sealing_key"));
    EXPECT_EQ(
        Database(strong).rows<std::int64_t>("SELECT count(*) FROM installation_facts WHERE name = 'sealing_key'").at(0),
        0);
}

TEST(Metrics, CountCallsAndWrites) {
    TestBackend const test;
    test.sign_up("ada@example.com");
    EXPECT_FALSE(test.backend.as_anonymous().users().me());
    auto const text = test.backend.metrics();
    EXPECT_THAT(text, HasSubstr("# TYPE nexpo_calls_total counter"));
    EXPECT_THAT(text, HasSubstr("nexpo_calls_total{code=\"ok\",operation=\"auth.sign_up\"} 1"));
    EXPECT_THAT(text, HasSubstr("nexpo_calls_total{code=\"unauthenticated\",operation=\"users.me\"} 1"));
    EXPECT_THAT(text, HasSubstr("nexpo_call_seconds_count{operation=\"users.me\"} 1"));
    for (auto const* name : {"nexpo_store_writes", "nexpo_store_commits", "nexpo_store_writes_queued",
                             "nexpo_password_hashes_running 0", "nexpo_password_hashes_queued 0"}) {
        EXPECT_THAT(text, HasSubstr(name));
    }
}

TEST(Health, AsksTheDatabase) {
    TestBackend const test;
    auto const health = test.backend.health();
    EXPECT_TRUE(health.ok);
    ASSERT_EQ(health.checks.size(), 1U);
    EXPECT_EQ(health.checks[0].name, "database");
    EXPECT_TRUE(health.checks[0].ok);
    EXPECT_EQ(health.checks[0].message, "");
}

}  // namespace

}  // namespace nexpo
