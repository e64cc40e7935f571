// SPDX-License-Identifier: Apache-2.0
// The key that stands in the database while none is configured: how it is left, and that nobody can put one there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/base64.hpp"
#include "crypto/jws.hpp"
#include "crypto/sealer.hpp"
#include "nexpo/nexpo.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "operation/audit_chain.hpp"
#include "support/access.hpp"
#include "support/test_database.hpp"

namespace nexpo {

namespace {

using std::chrono::days;
using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;

constexpr auto kFirst = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr auto kSecond = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";
constexpr auto kForeign = "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA";
constexpr auto kIgnored = "is ignored";
constexpr auto kMoved = "everything is sealed under the configured sealing_key now";

/// A database seen past the backend.
class Tables {
 public:
    explicit Tables(testing::TestDatabase const& database)
        : store_(store::open_store({.url = testing::on_postgresql() ? database.owner_url() : database.url(),
                                    .readers = 1,
                                    .clock = system_clock(),
                                    .writers = 1})
                     .value()) {}

    void execute(std::string_view sql, std::initializer_list<SqlParam> params = {}) const {
        auto const closure = [&](Transaction& tx, TransactionState&) -> Result<void> {
            auto changed = tx.execute(sql, params);
            if (!changed) return std::move(changed).error();
            return {};
        };
        store_->write_and_wait(testing::kEverything, closure).value();
    }
    template <class Row>
    std::vector<Row> rows(std::string_view sql) const {
        std::vector<Row> found;
        auto const read = store_->read(testing::kEverything, {}, [&](Read& at) -> Result<void> {
            auto all = at.all<Row>(sql, {});
            if (!all) return std::move(all).error();
            found = std::move(*all);
            return {};
        });
        read.value();
        return found;
    }
    std::optional<std::string> kept_key() const {
        auto const facts = rows<std::string>("SELECT value FROM installation_facts WHERE name = 'sealing_key'");
        return facts.empty() ? std::nullopt : std::optional(facts.front());
    }

 private:
    std::unique_ptr<store::Store> store_;
};

Bytes bytes_of(std::string const& text) {
    return {text.begin(), text.end()};
}

/// Somebody who can write to the database and has no sealing key but one of their own.
struct Intruder {
    void put_key(Tables const& tables) const {
        tables.execute("INSERT INTO installation_facts (name, value) VALUES ('sealing_key', $1)", {kForeign});
    }
    /// In the place of what is there.
    void put_fact(Tables const& tables, std::string const& name, std::string const& text) const {
        tables.execute("UPDATE installation_facts SET value = $2 WHERE name = $1",
                       {name, base::base64url_encode(sealer.seal(text, name))});
    }
    void put_signing_key(Tables const& tables, Timestamp now) const {
        auto const& id = signing.key_id();
        tables.execute(
            "INSERT INTO auth_signing_keys (id, algorithm, private_key, created_at, active_at, token_seconds)"
            " VALUES ($1, 'ES256', $2, $3, $4, 900)",
            {id, bytes_of(sealer.seal(signing.private_der().reveal(), "auth_signing_keys\n" + id)), now,
             now + days(1)});
    }
    void put_audit_key(Tables const& tables, Timestamp now) const {
        auto const& id = audit.key_id();
        tables.execute("INSERT INTO audit_keys (id, private_key, created_at) VALUES ($1, $2, $3)",
                       {id, bytes_of(sealer.seal(audit.private_der().reveal(), "audit_keys\n" + id)), now + days(1)});
    }
    /// Signs the ends of all chains anew, as for whatever was changed in them.
    void sign_audit(Tables const& tables) const {
        for (auto const& head : tables.rows<operation::AuditHead>("SELECT * FROM audit_heads")) {
            Json claims;
            claims.set("organization_id", head.organization_id);
            claims.set("position", head.position);
            claims.set("hash", head.hash);
            claims.set("sealed_at", to_string(head.sealed_at));
            tables.execute("UPDATE audit_heads SET signature = $2 WHERE organization_id = $1",
                           {head.organization_id, audit.sign(claims, "nexpo-audit-head")});
        }
    }
    /// The token with another signature.
    Secret forge(Backend const& backend, Tokens const& tokens) const {
        auto const keys = backend.as_anonymous().invoke("auth.keys", Json::Object{}).value().dump();
        auto const set = crypto::KeySet::parse(keys, {}).value();
        return Secret(signing.sign(crypto::verify_jws(tokens.access_token, set, {}).value(), "at+jwt"));
    }

    crypto::Sealer sealer = crypto::Sealer::from_text(Secret(kForeign), system_random()).value();
    crypto::SigningKey signing = crypto::SigningKey::generate_es256().value();
    crypto::SigningKey audit = crypto::SigningKey::generate_es256().value();
};

struct KeptKey : ::testing::Test {
    Result<Backend> open(std::string const& key, std::string const& old = "") const {
        Config config;
        database.configure(config);
        config.sealing_key = Secret(key);
        config.sealing_keys_old = Secret(old);
        config.auth.open_registration = true;
        config.work.housekeeping = false;
        config.log = log;
        config.clock = clock;
        return Backend::open(std::move(config));
    }
    std::string reason(std::string const& key, std::string const& old = "") const {
        auto const opened = open(key, old);
        return opened ? "opened" : opened.error().reason;
    }
    Tokens sign_up(Backend const& backend) const {
        return backend.as_anonymous().auth().sign_up({.email = "ada@example.com", .password = "correct horse"}).value();
    }
    /// Whether somebody who was signed in still is, by both tokens.
    static bool knows(Backend const& backend, Tokens& tokens) {
        auto const api = backend.authenticate(Secret(tokens.access_token));
        auto fresh = backend.as_anonymous().auth().refresh({.refresh_token = Secret(tokens.refresh_token)});
        bool const known = api && api->users().me() && fresh;
        if (fresh) tokens = std::move(*fresh);
        return known;
    }
    static bool takes(Backend const& backend, Secret const& token) {
        auto const api = backend.authenticate(token);
        return api && api->users().me();
    }
    static bool is_forged(AuditReport const& report) {
        return !report.faults.empty() && std::ranges::all_of(report.faults, [](AuditFault const& fault) {
            return fault.kind == AuditFaultKind::head_unverified;
        });
    }
    std::ptrdiff_t logged(std::string_view text) const {
        return std::ranges::count_if(log->lines(),
                                     [&](std::string const& line) { return line.find(text) != line.npos; });
    }

    testing::TestDatabase database;
    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::MemoryLog> log = std::make_shared<testing::MemoryLog>(LogLevel::info);
};

TEST_F(KeptKey, CannotBePutIntoADatabaseThatHasAConfiguredOne) {
    Intruder const intruder;
    auto const backend = open(kFirst).value();
    auto ada = sign_up(backend);
    ASSERT_TRUE(backend.seal_audit());
    auto const forged = intruder.forge(backend, ada);
    Tables const tables(database);
    intruder.put_key(tables);
    intruder.put_signing_key(tables, clock->now());
    intruder.put_audit_key(tables, clock->now());
    intruder.sign_audit(tables);

    clock->advance(seconds(3));
    EXPECT_FALSE(takes(backend, forged)) << "after the next look";
    EXPECT_TRUE(is_forged(backend.verify_audit().value()));
    EXPECT_EQ(backend.reseal().error().reason, "sealing_key_unknown");
    backend.close();
    auto const refused = open(kFirst);
    ASSERT_FALSE(refused) << "after a restart: " << takes(*refused, forged);
    EXPECT_EQ(refused.error().reason, "sealing_key_unknown");
    EXPECT_THAT(refused.error().message, HasSubstr(intruder.sealer.key_id()));
    for (auto const* table : {"auth_signing_keys", "audit_keys"}) {
        EXPECT_EQ(tables.rows<Bytes>("SELECT private_key FROM " + std::string(table)).size(), 2u) << "nothing adopted";
    }

    tables.execute("DELETE FROM audit_keys WHERE id = $1", {intruder.audit.key_id()});
    EXPECT_EQ(reason(kFirst), "sealing_key_unknown") << "for the signing key";
    tables.execute("DELETE FROM auth_signing_keys WHERE id = $1", {intruder.signing.key_id()});
    log->clear();
    auto const after = open(kFirst).value();
    EXPECT_EQ(logged(kIgnored), 1);
    EXPECT_FALSE(takes(after, forged));
    EXPECT_TRUE(knows(after, ada));
    EXPECT_TRUE(is_forged(after.verify_audit().value()));
    auto const done = after.reseal().value();
    EXPECT_EQ(done.count, 0);
    EXPECT_TRUE(done.kept_key_removed);
    EXPECT_FALSE(tables.kept_key());
    EXPECT_FALSE(after.reseal().value().kept_key_removed);
    EXPECT_EQ(reason(kFirst), "opened");
    EXPECT_EQ(logged(kIgnored), 1);
}

/// What is still under the configured key when all else was replaced.
struct KeptKeyBeside : KeptKey, ::testing::WithParamInterface<char const*> {};

TEST_P(KeptKeyBeside, IsIgnored) {
    Intruder const intruder;
    open(kFirst).value().close();
    Tables const tables(database);
    std::string const left = GetParam();
    intruder.put_key(tables);
    if (left != "sealing_check") intruder.put_fact(tables, "sealing_check", "nexpo");
    if (left != "sealed_root") intruder.put_fact(tables, "sealed_root", kForeign);
    for (std::string const table : {"auth_signing_keys", "audit_keys"}) {
        if (left != table) tables.execute("DELETE FROM " + table);
    }
    intruder.put_signing_key(tables, clock->now());
    intruder.put_audit_key(tables, clock->now());
    EXPECT_THAT(reason(kFirst), AnyOf("sealing_key_wrong", "sealing_key_unknown"));
    EXPECT_EQ(logged(kIgnored), 1);
    EXPECT_TRUE(tables.kept_key()) << "and nothing was moved";
}

INSTANTIATE_TEST_SUITE_P(Anything, KeptKeyBeside,
                         ::testing::Values("sealing_check", "sealed_root", "auth_signing_keys", "audit_keys"));

TEST_F(KeptKey, IsLeftAtTheFirstStartWithAConfiguredOne) {
    auto const without = open("").value();
    auto ada = sign_up(without);
    ASSERT_TRUE(without.seal_audit());
    EXPECT_FALSE(without.reseal().value().kept_key_removed) << "there is no other key yet";
    without.close();
    Tables const tables(database);
    ASSERT_TRUE(tables.kept_key());
    {
        auto const backend = open(kFirst).value();
        EXPECT_EQ(logged(kMoved), 1);
        EXPECT_FALSE(tables.kept_key());
        EXPECT_TRUE(knows(backend, ada)) << "nobody has to sign in again";
        EXPECT_TRUE(backend.verify_audit().value().faults.empty());
        auto const nothing = backend.reseal().value();
        EXPECT_EQ(nothing.count, 0);
        EXPECT_FALSE(nothing.kept_key_removed);
    }
    EXPECT_TRUE(knows(open(kFirst).value(), ada));
    EXPECT_EQ(logged(kMoved), 1) << "it is done once";
    EXPECT_EQ(logged(kIgnored), 0);
    auto const refused = open("");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::failed_precondition);
    EXPECT_EQ(refused.error().reason, "sealing_key_wrong");
    EXPECT_THAT(refused.error().message, HasSubstr("none is given"));
}

TEST_F(KeptKey, IsLeftWithAllThatItSealedOrNotAtAll) {
    open("").value().close();
    Tables const tables(database);
    tables.execute(
        "INSERT INTO audit_keys (id, private_key, created_at) VALUES ('other', $1, $2)",
        {bytes_of(crypto::Sealer::from_text(Secret(kSecond), system_random()).value().seal("", "")), clock->now()});
    EXPECT_EQ(reason(kFirst), "sealing_key_wrong");
    EXPECT_EQ(logged(kMoved), 0);
    EXPECT_TRUE(tables.kept_key());
    tables.execute("DELETE FROM audit_keys WHERE id = 'other'");
    EXPECT_EQ(reason(""), "opened") << "nothing was moved";
    EXPECT_EQ(reason(kFirst), "opened");
    EXPECT_EQ(logged(kMoved), 1);
}

TEST_F(KeptKey, IsNoWayRoundAWrongConfiguredOne) {
    Intruder const intruder;
    open(kFirst).value().close();
    Tables const tables(database);
    intruder.put_key(tables);
    EXPECT_EQ(reason(kSecond), "sealing_key_wrong");
    EXPECT_EQ(reason(""), "sealing_key_wrong");
    EXPECT_EQ(logged(kMoved), 0);
    EXPECT_EQ(reason(kFirst), "opened") << "nothing was changed";
}

TEST_F(KeptKey, IsLeftBySeveralAtOnce) {
    auto const together = [&](std::vector<std::string> const& keys) {
        std::latch start(std::ssize(keys));
        std::vector<std::string> reasons(keys.size());
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            threads.emplace_back([&, i] {
                start.arrive_and_wait();
                reasons[i] = reason(keys[i]);
            });
        }
        for (auto& thread : threads) thread.join();
        return reasons;
    };
    EXPECT_THAT(together({"", "", ""}), Each("opened")) << "the first start";
    auto const first = open("").value();
    auto ada = sign_up(first);
    first.close();
    auto const reasons = together({kFirst, kFirst, "", kFirst, kFirst});
    EXPECT_THAT(reasons[2], AnyOf("opened", "sealing_key_wrong", "sealing_key_unknown"));
    for (auto const i : {0, 1, 3, 4}) EXPECT_EQ(reasons[static_cast<std::size_t>(i)], "opened");
    EXPECT_EQ(logged(kMoved), 1);
    EXPECT_EQ(logged(kIgnored), 0);
    auto const backend = open(kFirst).value();
    EXPECT_TRUE(knows(backend, ada));
    EXPECT_EQ(backend.reseal().value().count, 0);
}

TEST_F(KeptKey, DoesNotOpenWhatOthersSealAfterItWasLeft) {
    auto const late = open("").value();
    auto ada = sign_up(late);
    auto const kept = Tables(database).kept_key().value();
    auto const backend = open(kFirst).value();
    EXPECT_TRUE(knows(late, ada)) << "it goes on with what it has";
    ASSERT_TRUE(backend.as_system("any").auth().rotate_keys({.revoke = true}));
    clock->advance(seconds(3));
    EXPECT_TRUE(knows(
        backend, ada = backend.as_anonymous().auth().refresh({.refresh_token = Secret(ada.refresh_token)}).value()));
    EXPECT_FALSE(knows(late, ada));
    EXPECT_EQ(
        late.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"}).error().reason,
        "signing_key_missing");
    EXPECT_GE(logged("a signing key could not be opened"), 1);

    // What it seals itself opens with its key, from sealing_keys_old alone.
    ASSERT_TRUE(late.as_system("any").auth().rotate_keys({.revoke = true}));
    EXPECT_EQ(reason(kFirst), "sealing_key_unknown");
    EXPECT_EQ(open(kFirst, kept).value().reseal().value().count, 1);
    EXPECT_EQ(reason(kFirst), "opened");
}

TEST_F(KeptKey, MayBeGivenAsAnOldOne) {
    auto const without = open("").value();
    auto ada = sign_up(without);
    without.close();
    auto const backend = open(kFirst, Tables(database).kept_key().value()).value();
    EXPECT_EQ(logged(kMoved), 0) << "a configured key has sealed all of it";
    EXPECT_TRUE(knows(backend, ada));
    auto const done = backend.reseal().value();
    EXPECT_EQ(done.count, 4) << "the check, the root, the signing key and the key of the audit";
    EXPECT_TRUE(done.kept_key_removed);
    EXPECT_TRUE(knows(open(kFirst).value(), ada));
}

TEST_F(KeptKey, TakesTheAnswersOfTheDayBeforeWithIt) {
    CallOptions const once{.idempotency_key = "once"};
    auto const create = [&](std::string const& key) {
        return open(key).value().as_system("a").with(once).users().create({.email = "ada@example.com"});
    };
    ASSERT_TRUE(create(""));
    EXPECT_TRUE(create(""));
    EXPECT_EQ(create(kFirst).error().reason, "sealing_key_unknown");
    clock->advance(days(1) + seconds(1));
    EXPECT_EQ(create(kFirst).error().reason, "email_taken");
}

}  // namespace

}  // namespace nexpo
