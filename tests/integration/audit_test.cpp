// SPDX-License-Identifier: Apache-2.0
#include "nexpo/audit.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {
namespace {

using testing::Database;
using testing::TestBackend;

/// Two organizations with sealed rows: ada's has positions 1 to 4, bob's 1 and 2.
struct Fixture : TestBackend {
    Fixture() {
        auto const ada = as(tokens_of_ada);
        for (auto const* name : {"a", "b", "c"}) {
            EXPECT_TRUE(ada.users().create({.email = std::string(name) + "@example.com"}));
        }
        EXPECT_TRUE(as(sign_up("bob@example.com")).users().create({.email = "d@example.com"}));
        EXPECT_EQ(backend.seal_audit().value(), 6);
        EXPECT_EQ(backend.seal_audit().value(), 2) << "the installation's chain learns of two organizations";
        EXPECT_EQ(backend.seal_audit().value(), 0);
    }

    AuditReport report() const { return backend.verify_audit().value(); }
    /// The only fault as `kind position`.
    std::string fault() const {
        auto const found = report();
        if (found.faults.size() != 1) return std::to_string(found.faults.size()) + " faults";
        auto const& fault = found.faults.front();
        return std::string(to_word(fault.kind)) + ' ' + std::to_string(fault.position);
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
    EXPECT_EQ(report.sealed, 8);
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
        EXPECT_EQ(test.fault(), "changed 2") << edit;
    }
}

TEST(Audit, ARemovedRowIsFoundWhereverItStood) {
    for (int position = 1; position <= 4; ++position) {
        Fixture const test;
        test.execute("DELETE FROM audit_entries WHERE organization_id = " + test.ada() +
                     " AND position = " + std::to_string(position));
        EXPECT_EQ(test.fault(), "removed " + std::to_string(position));
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
    EXPECT_EQ(test.fault(), "changed 2");
}

TEST(Audit, ARowThatIsMadeToLookUnsealedIsMissedInItsPlace) {
    Fixture const test;
    test.execute("UPDATE audit_entries SET position = NULL, hash = NULL WHERE position = 3 AND organization_id = " +
                 test.ada());
    EXPECT_EQ(test.fault(), "removed 3");
    EXPECT_EQ(test.report().unsealed, 1);
}

TEST(Audit, ARowOfAnotherOrganizationDoesNotFit) {
    Fixture const test;
    test.execute("UPDATE audit_entries SET organization_id = NULL WHERE position = 4 AND organization_id = " +
                 test.ada());
    auto const report = test.report();
    ASSERT_EQ(report.faults.size(), 2U);
    EXPECT_EQ(report.faults[0].kind, AuditFaultKind::removed) << "4 of the installation's chain, which has two";
    EXPECT_EQ(report.faults[1].kind, AuditFaultKind::removed);
    EXPECT_EQ(report.faults[1].position, 4);
}

TEST(Audit, HeadsCannotBeForgedTakenAwayOrExchanged) {
    struct Case {
        std::string sql;
        std::string fault;
    };
    Fixture const names;
    for (auto const& [sql, fault] :
         {Case{"DELETE FROM audit_heads WHERE position = 4", "head_missing 4"},
          Case{"UPDATE audit_heads SET hash = 'x' WHERE position = 4", "head_unverified 4"},
          Case{"UPDATE audit_heads SET sealed_at = sealed_at + 1 WHERE position = 4", "head_unverified 4"},
          Case{"UPDATE audit_heads SET signature = 'e30.e30.AAAA' WHERE position = 4", "head_unverified 4"},
          Case{"UPDATE audit_heads SET signature = (SELECT signature FROM audit_heads WHERE organization_id = '')"
               " WHERE position = 4",
               "head_unverified 4"}}) {
        Fixture const test;
        test.execute(sql);
        EXPECT_EQ(test.fault(), fault) << sql;
    }
}

TEST(Audit, AnOrganizationCannotVanishWithAllItsRows) {
    Fixture const test;
    test.execute("DELETE FROM audit_entries WHERE organization_id = " + test.ada());
    test.execute("DELETE FROM audit_heads WHERE organization_id = " + test.ada());
    EXPECT_EQ(test.fault(), "head_missing 0");
}

TEST(Audit, OldHeadsDoNotCoverNewRows) {
    Fixture const test;
    auto const old = Database(test).rows<std::string>("SELECT signature FROM audit_heads WHERE position = 4").at(0);
    ASSERT_TRUE(test.as(test.tokens_of_ada).users().create({.email = "e@example.com"}));
    ASSERT_EQ(test.backend.seal_audit().value(), 1);
    test.execute("UPDATE audit_heads SET signature = '" + old + "' WHERE position = 5");
    EXPECT_EQ(test.fault(), "head_unverified 5");
}

TEST(Audit, ChainsGoOnAcrossRestarts) {
    Fixture const test;
    test.backend.close();
    auto const again = Backend::open(test.config(nullptr)).value();
    ASSERT_TRUE(
        again.authenticate(Secret(test.tokens_of_ada.access_token)).value().users().create({.email = "e@example.com"}));
    ASSERT_EQ(again.seal_audit().value(), 1);
    EXPECT_TRUE(again.verify_audit().value().faults.empty());
    EXPECT_EQ(again.verify_audit().value().sealed, 9);
}

TEST(Audit, MoreThanOneBatchIsSealedAtOnce) {
    TestBackend const test;
    auto const api = test.backend.as_system("acme");
    for (int i = 0; i < 1'203; ++i) {
        ASSERT_TRUE(api.users().create({.email = std::to_string(i) + "@example.com"}));
    }
    EXPECT_EQ(test.backend.seal_audit().value(), 1'204) << "with the row that begins the organization's chain";
    auto const report = test.backend.verify_audit().value();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.unsealed, 0);
}

TEST(Audit, IsSealedByItselfAndAtTheEnd) {
    TestBackend const test;
    auto config = test.config(nullptr);
    config.database = "sqlite:" + test.directory.file("sealed.db");
    config.threads.audit = true;
    {
        auto const backend = Backend::open(config).value();
        ASSERT_TRUE(backend.as_system("acme").users().create({.email = "a@example.com"}));
        backend.close();
    }
    config.threads.audit = false;
    auto const report = Backend::open(config).value().verify_audit().value();
    EXPECT_GE(report.sealed, 1);
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
    EXPECT_EQ(report.sealed, 201);
    EXPECT_EQ(report.unsealed, 0);
}

}  // namespace
}  // namespace nexpo
