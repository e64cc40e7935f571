// SPDX-License-Identifier: Apache-2.0
#include "support/durability/verdict.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "store/sql_session.hpp"
#include "support/access.hpp"
#include "support/durability/door.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::durability {
namespace {

/// A database after some calls, with what their callers know.
struct Aftermath {
    Aftermath() {
        auto const backend = Backend::open(durable_config(url())).value();
        Witness const witness{
            .begun = [this](Subject const& subject) { ledger.begin(subject); },
            .answered = [this](Subject const& subject, Answer const& answer) { ledger.answer(subject.name, answer); }};
        auto const door = backend_door(backend);
        auto const never = [] { return false; };
        EXPECT_EQ(work(*door, {}, 0, 0, 2, witness, never), 2);
        EXPECT_EQ(work(*door, {}, 1, 0, 20, witness, never), 20);
        store = store::open_store({.url = url(), .clock = system_clock()}).value();
    }

    std::string url() const { return "sqlite:" + directory.file("nexpo.db"); }
    Verdict judge() const { return durability::judge(ledger, Facts::load(*store), {}); }
    void execute(std::string_view script) const {
        store
            ->write_and_wait(testing::kEverything,
                             [&](Transaction&, TransactionState& state) { return state.session.run_script(script); })
            .value();
    }

    testing::TempDir directory;
    Ledger ledger;
    std::unique_ptr<store::Store> store;
};

TEST(Verdict, FindsNothingWrongWhereNothingIs) {
    Aftermath const aftermath;
    EXPECT_GT(aftermath.ledger.answered(), 30U);
    auto const verdict = aftermath.judge();
    EXPECT_TRUE(verdict.clean()) << verdict.findings.front();
}

TEST(Verdict, FindsAChangedAudit) {
    Aftermath const aftermath;
    auto const backend = Backend::open(durable_config(aftermath.url())).value();
    ASSERT_TRUE(backend.seal_audit());
    ASSERT_GT(backend.verify_audit().value().sealed, 30);
    EXPECT_TRUE(judge_audit(backend).clean());
    aftermath.execute("UPDATE audit_entries SET outcome = 'never' WHERE position = 7");
    EXPECT_GT(judge_audit(backend).unaudited, 0);
}

struct Sabotage {
    char const* what;
    char const* sql;
    std::int64_t Verdict::*found;
};

void PrintTo(Sabotage const& sabotage, std::ostream* out) {
    *out << sabotage.what;
}

class VerdictFinds : public ::testing::TestWithParam<Sabotage> {};

TEST_P(VerdictFinds, WhatIsWrong) {
    Aftermath const aftermath;
    aftermath.execute(GetParam().sql);
    EXPECT_GT(aftermath.judge().*GetParam().found, 0) << GetParam().what;
}

constexpr auto* kAnyPerson = "(SELECT min(id) FROM user_profiles WHERE account_id IS NULL)";

std::string const kLostUser = std::string("DELETE FROM user_profiles WHERE id = ") + kAnyPerson;
std::string const kUpdatedTwice = std::string("UPDATE user_profiles SET version = 9 WHERE id = ") + kAnyPerson;
std::string const kHalfUpdate = std::string("UPDATE user_profiles SET name = 'x' WHERE id = ") + kAnyPerson;

INSTANTIATE_TEST_SUITE_P(
    Sabotage, VerdictFinds,
    ::testing::Values(
        Sabotage{"a user is gone", kLostUser.c_str(), &Verdict::lost},
        Sabotage{"all bundles are gone", "DELETE FROM parts", &Verdict::lost},
        Sabotage{"a refusal is gone", "DELETE FROM audit_entries WHERE operation = 'auth.login'", &Verdict::lost},
        Sabotage{"an update was done twice", kUpdatedTwice.c_str(), &Verdict::doubled},
        Sabotage{"a bundle was added twice", "INSERT INTO parts SELECT id || 'x', bundle FROM parts",
                 &Verdict::doubled},
        Sabotage{"a user came from nowhere",
                 "INSERT INTO user_profiles SELECT 'usr_x', id, NULL, 'x@example.com', '', 'member', 0, 0, 1"
                 " FROM organizations LIMIT 1",
                 &Verdict::doubled},
        Sabotage{"an audit row stands there twice",
                 "INSERT INTO audit_entries SELECT id || 'x', organization_id, at, actor_kind, actor_id, operation,"
                 " target, outcome, request_id, address, NULL, NULL FROM audit_entries WHERE operation = "
                 "'users.create' LIMIT 1",
                 &Verdict::doubled},
        Sabotage{"an update has no audit row",
                 "DELETE FROM audit_entries WHERE id = (SELECT min(id) FROM audit_entries"
                 " WHERE operation = 'users.update')",
                 &Verdict::unaudited},
        Sabotage{"a sign-up has no audit row", "DELETE FROM audit_entries WHERE operation = 'auth.sign_up'",
                 &Verdict::unaudited},
        Sabotage{"an event is missing",
                 "DELETE FROM outbox_events WHERE id = (SELECT min(id) FROM outbox_events WHERE event = 'part.added')",
                 &Verdict::unaudited},
        Sabotage{"an idempotency record is missing",
                 "DELETE FROM idempotency_records WHERE key = (SELECT min(key) FROM idempotency_records)",
                 &Verdict::unaudited},
        Sabotage{"an update is there in part", kHalfUpdate.c_str(), &Verdict::halved},
        Sabotage{"a bundle is there in part", "DELETE FROM parts WHERE id = (SELECT min(id) FROM parts)",
                 &Verdict::halved},
        Sabotage{"a sign-up has no profile", "DELETE FROM user_profiles WHERE account_id IS NOT NULL",
                 &Verdict::halved},
        Sabotage{"a sign-up has no session", "DELETE FROM auth_sessions", &Verdict::halved},
        Sabotage{"a sign-up has no account", "DELETE FROM auth_sessions; DELETE FROM auth_accounts",
                 &Verdict::halved}));

}  // namespace
}  // namespace nexpo::durability
