// SPDX-License-Identifier: Apache-2.0
#include "nexpo/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {
namespace {

using testing::Database;
using ::testing::StartsWith;
using testing::TestBackend;

/// Two organizations with sealed rows: ada's has positions 1 to 4, bob's 1 and 2.
struct Fixture : TestBackend {
    Fixture() {
        auto const ada = as(tokens_of_ada);
        for (auto const* name : {"a", "b", "c"}) {
            EXPECT_TRUE(ada.users().create({.email = std::string(name) + "@example.com"}));
        }
        EXPECT_TRUE(as(sign_up("bob@example.com")).users().create({.email = "d@example.com"}));
        clock->advance(std::chrono::seconds(1));
        EXPECT_EQ(backend.seal_audit().value(), 8) << "with the beginnings of two chains";
        EXPECT_EQ(backend.seal_audit().value(), 0);
    }

    AuditReport report() const { return backend.verify_audit().value(); }
    /// The faults as `kind position`, which neither a new row nor a sealing may hide.
    std::string faults() const {
        auto const before = faults_now();
        EXPECT_TRUE(as(tokens_of_ada).users().create({.email = "later@example.com"}));
        EXPECT_FALSE(backend.as_anonymous().auth().login({.email = "nobody@example.com", .password = "wrong"}));
        EXPECT_TRUE(backend.seal_audit());
        EXPECT_EQ(faults_now(), before) << "after a sealing";
        return before;
    }
    std::string faults_now() const {
        std::string text;
        for (auto const& fault : report().faults) {
            if (!text.empty()) text += ", ";
            text += std::string(to_word(fault.kind)) + ' ' + std::to_string(fault.position);
        }
        return text;
    }
    void execute(std::string const& sql) const { Database(*this).execute(sql); }
    std::string ada() const { return "'" + tokens_of_ada.organization_id + "'"; }

    Tokens tokens_of_ada = sign_up("ada@example.com");
};

TEST(Audit, IsInOrderWhenNobodyTouchedIt) {
    Fixture const test;
    auto const report = test.report();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.organizations, 3);
    EXPECT_EQ(report.sealed, 9);
    EXPECT_EQ(report.unsealed, 0);
    EXPECT_FALSE(report.oldest_unsealed);
}

TEST(Audit, TellsTheUnsealedTailApart) {
    Fixture const test;
    auto const written = test.clock->now();
    ASSERT_TRUE(test.as(test.tokens_of_ada).users().create({.email = "e@example.com"}));
    auto const report = test.report();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.unsealed, 1);
    EXPECT_EQ(report.oldest_unsealed, written);
    EXPECT_EQ(test.backend.seal_audit().value(), 1);
    EXPECT_EQ(test.report().unsealed, 0);
}

TEST(Audit, EveryEditedColumnIsFound) {
    for (auto const* edit : {"id = 'aud_01j8x4mq3he5nr7w0c2k9v6t1b'", "actor_id = 'acc_0'", "actor_kind = 'system'",
                             "operation = 'users.remove'", "target = ''", "outcome = 'refused'", "request_id = 'x'",
                             "address = '127.0.0.1'", "hash = 'x'"}) {
        Fixture const test;
        test.execute("UPDATE audit_entries SET " + std::string(edit) +
                     " WHERE position = 2 AND organization_id = " + test.ada());
        EXPECT_EQ(test.faults(), "changed 2") << edit;
    }
}

TEST(Audit, ARemovedRowIsFoundWhereverItStood) {
    for (int position = 1; position <= 4; ++position) {
        Fixture const test;
        test.execute("DELETE FROM audit_entries WHERE organization_id = " + test.ada() +
                     " AND position = " + std::to_string(position));
        EXPECT_EQ(test.faults(), "removed " + std::to_string(position));
    }
}

TEST(Audit, AnExchangeOfTwoRowsIsFound) {
    Fixture const test;
    auto const place = [&](int from, int to) {
        test.execute("UPDATE audit_entries SET position = " + std::to_string(to) +
                     " WHERE organization_id = " + test.ada() + " AND position = " + std::to_string(from));
    };
    place(2, 99);
    place(3, 2);
    place(99, 3);
    EXPECT_EQ(test.faults(), "changed 2");
}

TEST(Audit, ARowThatIsMadeToLookUnsealedIsMissedInItsPlace) {
    Fixture const test;
    test.execute("UPDATE audit_entries SET position = NULL, hash = NULL WHERE position = 3 AND organization_id = " +
                 test.ada());
    EXPECT_EQ(test.faults(), "removed 3");
}

TEST(Audit, ARowOfAnotherOrganizationDoesNotFit) {
    Fixture const test;
    test.execute("UPDATE audit_entries SET organization_id = NULL WHERE position = 4 AND organization_id = " +
                 test.ada());
    EXPECT_EQ(test.faults(), "changed 4, removed 4");
}

TEST(Audit, HeadsCannotBeForgedTakenAwayOrExchanged) {
    struct Case {
        std::string sql;
        std::string fault;
    };
    for (auto const& [sql, fault] :
         {Case{"DELETE FROM audit_heads WHERE position = 4", "head_missing 4"},
          Case{"UPDATE audit_heads SET hash = 'x' WHERE position = 4", "head_unverified 4"},
          Case{"UPDATE audit_heads SET sealed_at = (SELECT min(at) FROM audit_entries) WHERE position = 4",
               "head_unverified 4"},
          Case{"UPDATE audit_heads SET signature = 'e30.e30.AAAA' WHERE position = 4", "head_unverified 4"},
          Case{"UPDATE audit_heads SET signature = (SELECT signature FROM audit_heads WHERE organization_id = '')"
               " WHERE position = 4",
               "head_unverified 4"}}) {
        Fixture const test;
        test.execute(sql);
        EXPECT_EQ(test.faults(), fault) << sql;
    }
}

TEST(Audit, AnOrganizationCannotVanishWithAllItsRows) {
    Fixture const test;
    test.execute("DELETE FROM audit_entries WHERE organization_id = " + test.ada());
    test.execute("DELETE FROM audit_heads WHERE organization_id = " + test.ada());
    EXPECT_EQ(test.faults(), "head_missing 0");
    EXPECT_TRUE(test.log->contains("an audit chain is not as it was signed"));
}

TEST(Audit, TheChainOfTheInstallationCannotVanish) {
    Fixture const test;
    test.execute("DELETE FROM audit_entries WHERE organization_id IS NULL");
    test.execute("DELETE FROM audit_heads WHERE organization_id = ''");
    EXPECT_THAT(test.faults_now(), StartsWith("begin_missing 0, begin_missing "));
}

TEST(Audit, AWholeAuditCannotVanish) {
    Fixture const test;
    test.execute("DELETE FROM audit_entries");
    test.execute("DELETE FROM audit_heads");
    EXPECT_EQ(test.faults_now(), "begin_missing 0");
}

TEST(Audit, NewKeysDoNotSignOldChains) {
    Fixture const test;
    test.execute("DELETE FROM audit_keys");
    test.backend.close();
    auto const again = Backend::open(test.config(nullptr)).value();
    ASSERT_TRUE(again.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"}));
    ASSERT_TRUE(again.seal_audit());
    auto const faults = again.verify_audit().value().faults;
    ASSERT_EQ(faults.size(), 3U);
    EXPECT_EQ(faults[0].kind, AuditFaultKind::head_unverified);
    EXPECT_EQ(faults[1].kind, AuditFaultKind::head_unverified);
    EXPECT_EQ(faults[2].kind, AuditFaultKind::head_unverified);
}

TEST(Audit, AChainThatWasWrittenAnewIsNotSigned) {
    Fixture const test;
    Database const database(test);
    database.execute("DELETE FROM audit_entries WHERE position = 4 AND organization_id = " + test.ada());
    database.execute("UPDATE audit_entries SET hash = 'x' WHERE position = 3 AND organization_id = " + test.ada());
    database.execute("UPDATE audit_heads SET position = 3, hash = 'x' WHERE organization_id = " + test.ada());
    EXPECT_EQ(test.faults(), "changed 3");
    EXPECT_EQ(test.report().unsealed, 1) << "what comes after waits until somebody has looked into it";
}

TEST(Audit, RowsStandNowhereButInTheChain) {
    Fixture const test;
    EXPECT_ANY_THROW(test.execute("UPDATE audit_entries SET position = 0 WHERE position = 1"));
}

TEST(Audit, OldHeadsDoNotCoverNewRows) {
    Fixture const test;
    auto const old = Database(test).rows<std::string>("SELECT signature FROM audit_heads WHERE position = 4").at(0);
    ASSERT_TRUE(test.as(test.tokens_of_ada).users().create({.email = "e@example.com"}));
    ASSERT_EQ(test.backend.seal_audit().value(), 1);
    test.execute("UPDATE audit_heads SET signature = '" + old + "' WHERE position = 5");
    EXPECT_EQ(test.faults(), "head_unverified 5");
}

TEST(Audit, ChainsGoOnAcrossRestarts) {
    Fixture const test;
    test.backend.close();
    auto const again = Backend::open(test.config(nullptr)).value();
    ASSERT_TRUE(
        again.authenticate(Secret(test.tokens_of_ada.access_token)).value().users().create({.email = "e@example.com"}));
    ASSERT_EQ(again.seal_audit().value(), 1);
    EXPECT_TRUE(again.verify_audit().value().faults.empty());
    EXPECT_EQ(again.verify_audit().value().sealed, 10);
}

TEST(Audit, MoreThanOneBatchIsSealedAtOnce) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    for (int i = 0; i < 1'203; ++i) {
        ASSERT_TRUE(api.users().create({.email = std::to_string(i) + "@example.com"}));
    }
    EXPECT_EQ(test.backend.seal_audit().value(), 1'204) << "with the beginning of the chain";
    auto const report = test.backend.verify_audit().value();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.unsealed, 0);
}

TEST(Audit, IsSealedAtTheEnd) {
    TestBackend const test;
    test.backend.close();
    auto config = test.config(nullptr);
    config.work.housekeeping = true;
    config.threads.jobs = 1;
    {
        auto const backend = Backend::open(config).value();
        ASSERT_TRUE(backend.as_system("acme").users().create({.email = "a@example.com"}));
        backend.close();
    }
    config.work.housekeeping = false;
    auto const report = Backend::open(config).value().verify_audit().value();
    EXPECT_EQ(report.sealed, 3);
    EXPECT_EQ(report.unsealed, 0);
    EXPECT_TRUE(report.faults.empty());
}

TEST(AuditConcurrency, SealsWhileCallsAreMade) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 50; ++i) {
                auto const email = std::to_string(writer) + "-" + std::to_string(i) + "@example.com";
                EXPECT_TRUE(api.users().create({.email = email}));
            }
        });
    }
    std::vector<std::thread> sealers;
    for (int sealer = 0; sealer < 2; ++sealer) {
        sealers.emplace_back([&] {
            for (int i = 0; i < 20; ++i) EXPECT_TRUE(test.backend.seal_audit());
        });
    }
    for (auto& thread : writers) thread.join();
    for (auto& thread : sealers) thread.join();
    ASSERT_TRUE(test.backend.seal_audit());
    ASSERT_TRUE(test.backend.seal_audit());
    auto const report = test.backend.verify_audit().value();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.sealed, 202);
    EXPECT_EQ(report.unsealed, 0);
}

}  // namespace
}  // namespace nexpo
