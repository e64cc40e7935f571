// SPDX-License-Identifier: Apache-2.0
#include "support/durability/facts.hpp"

#include "nexpo/describe.hpp"
#include "nexpo/store.hpp"
#include "support/access.hpp"

namespace nexpo::durability {

static StructType describe(Type<ProfileFact>) {
    return structure<ProfileFact>(
        "ProfileFact", field("id", &ProfileFact::id), field("organization_id", &ProfileFact::organization_id),
        field("email", &ProfileFact::email), field("name", &ProfileFact::name),
        field("account_id", &ProfileFact::account_id), field("version", &ProfileFact::version));
}

static StructType describe(Type<AccountFact>) {
    return structure<AccountFact>("AccountFact", field("id", &AccountFact::id), field("email", &AccountFact::email));
}

static StructType describe(Type<CountFact>) {
    return structure<CountFact>("CountFact", field("what", &CountFact::what), field("target", &CountFact::target),
                                field("count", &CountFact::count));
}

static StructType describe(Type<EventFact>) {
    return structure<EventFact>("EventFact", field("event", &EventFact::event), field("payload", &EventFact::payload));
}

namespace {

template <class Row>
std::vector<Row> rows(Read const& read, std::string_view sql) {
    return read.all<Row>(sql, {}).value();
}

std::map<std::string, std::int64_t> counts(Read const& read, std::string_view sql) {
    std::map<std::string, std::int64_t> found;
    for (auto& row : rows<CountFact>(read, sql)) found[row.target] = row.count;
    return found;
}

/// The id that an event is about, whichever event it is.
std::string subject_of(Json const& payload) {
    for (auto const* name : {"user_id", "bundle"}) {
        auto const* member = payload.find(name);
        if (auto const* text = member == nullptr ? nullptr : member->if_string()) return *text;
    }
    return {};
}

void load_application(Read const& read, Facts& facts) {
    auto const applied = read.one<std::int64_t>("SELECT number FROM nexpo_migrations WHERE owner = 'bundles'", {});
    if (!applied.value()) return;
    facts.parts = counts(read, "SELECT '' AS what, bundle AS target, count(*) AS count FROM parts GROUP BY bundle");
}

/// PostgreSQL has checksums instead, and refuses to read what is broken.
void look_for_damage(Read const& read, Facts& facts) {
    for (auto const& line : rows<std::string>(read, "PRAGMA integrity_check")) {
        if (line != "ok") facts.damage.push_back(line);
    }
    for (auto const& table : rows<std::string>(read, "SELECT \"table\" FROM pragma_foreign_key_check")) {
        facts.damage.push_back("a reference of " + table + " leads nowhere");
    }
}

}  // namespace

Facts Facts::load(store::Store& store) {
    Facts facts;
    store
        .read(testing::kEverything, {},
              [&](Read& read) -> Result<void> {
                  for (auto& row : rows<ProfileFact>(
                           read, "SELECT id, organization_id, email, name, account_id, version FROM user_profiles")) {
                      auto email = row.email;
                      facts.profiles.emplace(std::move(email), std::move(row));
                  }
                  for (auto& row : rows<AccountFact>(read, "SELECT id, email FROM auth_accounts")) {
                      facts.accounts.emplace(std::move(row.email), std::move(row.id));
                  }
                  facts.organizations =
                      counts(read, "SELECT '' AS what, id AS target, count(*) AS count FROM organizations GROUP BY id");
                  facts.sessions = counts(read,
                                          "SELECT '' AS what, account_id AS target, count(*) AS count"
                                          " FROM auth_sessions GROUP BY account_id");
                  facts.records = counts(read,
                                         "SELECT '' AS what, operation AS target, count(*) AS count"
                                         " FROM idempotency_records GROUP BY operation");
                  for (auto& row : rows<CountFact>(read,
                                                   "SELECT operation AS what, target, count(*) AS count"
                                                   " FROM audit_entries WHERE operation NOT LIKE 'audit.%'"
                                                   " GROUP BY operation, target")) {
                      facts.audit[row.what][row.target] = row.count;
                  }
                  for (auto& row : rows<EventFact>(read, "SELECT event, payload FROM outbox_events")) {
                      ++facts.events[row.event][subject_of(row.payload)];
                  }
                  load_application(read, facts);
                  return {};
              })
        .value();
    return facts;
}

Facts facts_of(std::string const& url) {
    auto const store = store::open_store({.url = url, .readers = 1, .clock = system_clock()}).value();
    auto facts = Facts::load(*store);
    if (!url.starts_with("sqlite:")) return facts;
    store
        ->read(testing::kEverything, {},
               [&](Read& read) -> Result<void> {
                   look_for_damage(read, facts);
                   return {};
               })
        .value();
    return facts;
}

std::int64_t Facts::audited(std::string const& operation, std::string const& target) const {
    auto const found = audit.find(operation);
    if (found == audit.end()) return 0;
    auto const row = found->second.find(target);
    return row == found->second.end() ? 0 : row->second;
}

std::int64_t Facts::emitted(std::string const& event, std::string const& id) const {
    auto const found = events.find(event);
    if (found == events.end()) return 0;
    auto const row = found->second.find(id);
    return row == found->second.end() ? 0 : row->second;
}

}  // namespace nexpo::durability
