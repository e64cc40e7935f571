// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "nexpo/testing/random.hpp"
#include "operation/pipeline.hpp"
#include "operation/pipeline_parts.hpp"
#include "support/access.hpp"
#include "support/test_database.hpp"

namespace nexpo::operation {

std::vector<Migration> const& migrations();

struct Ping {
    std::string word{};
    std::int64_t number = 0;
    Secret secret{};
};

inline StructType describe(Type<Ping>) {
    return structure<Ping>("Ping", field("word", &Ping::word).required().max(20),
                           field("number", &Ping::number).min(0).max(100), field("secret", &Ping::secret).secret());
}

struct Pong {
    std::string word{};
    std::int64_t count = 0;
};

inline StructType describe(Type<Pong>) {
    return structure<Pong>("Pong", field("word", &Pong::word), field("count", &Pong::count));
}

struct AuditRow {
    std::optional<std::string> organization_id{};
    Timestamp at{};
    std::string actor_kind{};
    std::string actor_id{};
    std::string operation{};
    std::string target{};
    std::string outcome{};
    std::string request_id{};
    std::string address{};
};

inline StructType describe(Type<AuditRow>) {
    return structure<AuditRow>("AuditRow", field("organization_id", &AuditRow::organization_id),
                               field("at", &AuditRow::at), field("actor_kind", &AuditRow::actor_kind),
                               field("actor_id", &AuditRow::actor_id), field("operation", &AuditRow::operation),
                               field("target", &AuditRow::target), field("outcome", &AuditRow::outcome),
                               field("request_id", &AuditRow::request_id), field("address", &AuditRow::address));
}

struct DenialRow {
    std::string organization_id{};
    std::string actor{};
    std::string operation{};
    Timestamp minute{};
    std::string reason{};
    std::int64_t count = 0;

    bool operator==(DenialRow const&) const = default;
};

inline StructType describe(Type<DenialRow>) {
    return structure<DenialRow>("DenialRow", field("organization_id", &DenialRow::organization_id),
                                field("actor", &DenialRow::actor), field("operation", &DenialRow::operation),
                                field("minute", &DenialRow::minute), field("reason", &DenialRow::reason),
                                field("count", &DenialRow::count));
}

struct EventRow {
    std::optional<std::string> organization_id{};
    std::string event{};
    Json payload{};
    std::string request_id{};
};

inline StructType describe(Type<EventRow>) {
    return structure<EventRow>("EventRow", field("organization_id", &EventRow::organization_id),
                               field("event", &EventRow::event), field("payload", &EventRow::payload),
                               field("request_id", &EventRow::request_id));
}

/// What happened, in order. Thread-safe.
class Steps {
 public:
    void add(std::string step) {
        std::lock_guard const lock(mutex_);
        steps_.push_back(std::move(step));
    }

    std::vector<std::string> take() {
        std::lock_guard const lock(mutex_);
        return std::exchange(steps_, {});
    }

 private:
    std::mutex mutex_;
    std::vector<std::string> steps_;
};

/// Takes no jobs.
class FakeJobs final : public JobQueue {
 public:
    Result<std::string> enqueue(Transaction const&, WorkOrigin const&, std::string_view, StructType const&, void const*,
                                JobOptions const&) override {
        return Error{Errc::internal, "job_unknown", "no jobs here"};
    }
    Result<bool> publish(Transaction const&, WorkOrigin const&, std::string_view, std::string_view,
                         std::string const&) override {
        return false;
    }
    void wake() noexcept override {}
};

/// Remembers the tokens `owner`, `admin`, `member` and `viewer`, and finds `fresh` when it looks; `down` is a database
/// that does not answer.
class FakeIdentifier final : public Identifier {
 public:
    explicit FakeIdentifier(Steps& steps) : steps_(steps) {}

    /// What came with the last question.
    store::ReadLimits given() const {
        std::scoped_lock const lock(mutex_);
        return given_;
    }

    static Caller caller(std::string const& role) {
        return {.kind = CallerKind::account,
                .account_id = "acc_" + role,
                .user_id = "usr_" + role,
                .organization_id = "org_1",
                .session_id = "ses_" + role,
                .role = role};
    }

    Result<Caller> identify(std::string_view token, store::ReadLimits const& limits,
                            base::FunctionRef<Result<void>()> may_look) override {
        steps_.add("identify");
        {
            std::scoped_lock const lock(mutex_);
            given_ = limits;
        }
        for (auto const* role : {"owner", "admin", "member", "viewer"}) {
            if (token == role) return caller(role);
        }
        if (auto may = may_look(); !may) return std::move(may).error();
        if (token == "down") return Error{Errc::unavailable, "database_busy", "try again"};
        if (token == "fresh") return caller("owner");
        return Error{Errc::unauthenticated, "token_invalid", "the token is not valid"};
    }

 private:
    Steps& steps_;
    mutable std::mutex mutex_;
    store::ReadLimits given_;
};

/// Knows the organization `acme`, and creates others in its memory.
class FakeDirectory final : public OrganizationDirectory {
 public:
    Result<std::optional<std::string>> find(Read const&, std::string_view slug) override {
        std::lock_guard const lock(mutex_);
        auto const found = ids_.find(slug);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

    Result<std::string> find_or_create(Transaction const&, std::string_view slug, Timestamp) override {
        std::lock_guard const lock(mutex_);
        return ids_.emplace(std::string(slug), "org_" + std::string(slug)).first->second;
    }

    bool knows(std::string_view slug) {
        std::lock_guard const lock(mutex_);
        return ids_.contains(slug);
    }

 private:
    std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> ids_{{"acme", "org_acme"}};
};

/// A pipeline over a real store, with everything around it faked.
struct TestPipeline {
    struct Options {
        LimitsConfig limits{
            .address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0, .failed_identity_per_minute = 0};
        bool create_organizations = true;
        std::size_t readers = 2;
        std::size_t writers = 1;  ///< One, so that what was written before a flush has been written after it.
        std::shared_ptr<Random> random = std::make_shared<testing::SeededRandom>(1);
    };

    explicit TestPipeline(OperationTable const& table) : TestPipeline(table, Options{}) {}
    TestPipeline(OperationTable const& table, Options options)
        : store(open_store(options)),
          pipeline({.store = *store,
                    .metrics = metrics,
                    .log = telemetry::Logger(log, clock),
                    .clock = clock,
                    .random = options.random,
                    .sealer = crypto::Sealer::from_text(Secret(std::string(64, 'a')), options.random).value(),
                    .identifier = identifier,
                    .organizations = organizations,
                    .jobs = jobs,
                    .create_organizations = options.create_organizations,
                    .limits = options.limits,
                    .table = table.contents(),
                    .all_organizations = store::Scope::installation()}) {}

    /// A request whose input is decoded without fault.
    CallRequest request(Identity identity, Ping input) {
        return {.identity = std::move(identity),
                .decode = [this, input = std::move(input)](StructType const&) -> Result<std::shared_ptr<void>> {
                    steps.add("decode");
                    return std::shared_ptr<void>(std::make_shared<Ping>(input));
                }};
    }

    Outcome run(std::string_view operation, CallRequest request) const {
        return pipeline.run(*pipeline.find(operation), std::move(request));
    }
    /// A call with a token, which is a role.
    Outcome call(std::string_view operation, std::string token, Ping input) {
        return run(operation, request(BearerToken{std::move(token)}, std::move(input)));
    }
    /// A call of the embedding application.
    Outcome call_as_system(std::string_view operation, Ping input) {
        return run(operation, request(SystemIn{"acme"}, std::move(input)));
    }

    template <class Row>
    std::vector<Row> rows(std::string_view sql) const {
        std::vector<Row> found;
        auto const read = store->read(nexpo::testing::kEverything, {}, [&](Read& at) -> Result<void> {
            auto all = at.all<Row>(sql, {});
            if (!all) return std::move(all).error();
            found = std::move(*all);
            return {};
        });
        read.value();
        return found;
    }
    std::vector<AuditRow> audit() const {
        return rows<AuditRow>(
            "SELECT organization_id, at, actor_kind, actor_id, operation, target, outcome, request_id, address"
            " FROM audit_entries ORDER BY id");
    }
    std::vector<DenialRow> denials() const {
        return rows<DenialRow>(
            "SELECT organization_id, actor, operation, minute, reason, count FROM audit_denials"
            " ORDER BY minute, organization_id, actor, operation, reason");
    }
    std::vector<EventRow> events() const {
        return rows<EventRow>("SELECT organization_id, event, payload, request_id FROM outbox_events ORDER BY id");
    }
    std::int64_t count(std::string const& table) const {
        return rows<std::int64_t>("SELECT count(*) FROM " + table).front();
    }
    /// Waits for the writes that nobody waits for.
    void flush() const {
        store
            ->write_and_wait(nexpo::testing::kEverything,
                             [](Transaction&, TransactionState&) { return Result<void>(); })
            .value();
    }

    testing::TestDatabase database;
    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::MemoryLog> log = std::make_shared<testing::MemoryLog>(LogLevel::info);
    Steps steps;
    FakeIdentifier identifier{steps};
    FakeDirectory organizations;
    FakeJobs jobs;
    telemetry::Metrics metrics;
    std::unique_ptr<store::Store> store;
    Pipeline pipeline;

 private:
    std::unique_ptr<store::Store> open_store(Options const& options) const {
        auto opened = store::open_store(
            database.options({.readers = options.readers, .clock = clock, .writers = options.writers}));
        auto all = migrations();
        all.push_back({.owner = "test",
                       .number = 1,
                       .name = "notes",
                       .sql = "CREATE TABLE notes (word {{text}} NOT NULL, number {{int}} NOT NULL) {{strict}};"});
        opened.value()->migrate(all).value();
        return std::move(*opened);
    }
};

/// Inserts what was given and answers how many notes there are.
inline Result<Pong> insert_note(Transaction& tx, Ping const& input) {
    auto inserted = tx.execute("INSERT INTO notes (word, number) VALUES ($1, $2)", {input.word, input.number});
    if (!inserted) return std::move(inserted).error();
    auto const count = tx.one<std::int64_t>("SELECT count(*) FROM notes", {});
    if (!count) return count.error();
    return Pong{.word = input.word, .count = **count};
}

/// A mutation that inserts a note.
inline Operation<Ping, Pong> note_operation(OperationInfo info) {
    info.kind = OperationKind::mutation;
    return {.info = std::move(info), .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
                return call.write([&input](Transaction& tx) { return insert_note(tx, input); });
            }};
}

inline Pong const& pong(Outcome const& outcome) {
    return *static_cast<Pong const*>(outcome.result.value().get());
}

}  // namespace nexpo::operation
