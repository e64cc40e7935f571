// SPDX-License-Identifier: Apache-2.0
#include "support/durability/verdict.hpp"

#include <algorithm>
#include <set>

namespace nexpo::durability {

namespace {

constexpr std::size_t kMaxFindings = 20;

class Judge {
 public:
    Judge(Ledger const& ledger, Facts const& facts, Facts const& before)
        : ledger_(ledger),
          facts_(facts),
          before_(before),
          expected_audit_(total(before.audit)),
          expected_events_(total(before.events)),
          accounts_(static_cast<std::int64_t>(before.accounts.size())),
          bundles_(static_cast<std::int64_t>(before.parts.size())) {}

    Verdict run() {
        for (auto const& damage : facts_.damage) verdict_.add(&Verdict::damaged, damage);
        for (auto const& [name, entry] : ledger_.entries()) {
            switch (entry.subject.kind) {
                case Subject::Kind::person:
                    person(entry);
                    break;
                case Subject::Kind::bundle:
                    bundle(entry);
                    break;
                case Subject::Kind::founder:
                    founder(entry);
                    break;
                case Subject::Kind::refused:
                    refused(entry);
                    break;
            }
        }
        strangers();
        return std::move(verdict_);
    }

 private:
    void person(Entry const& entry) {
        auto const& subject = entry.subject;
        auto const found = facts_.profiles.find(subject.email());
        bool const there = found != facts_.profiles.end();
        auto const id = !entry.id.empty() ? entry.id : there ? found->second.id : std::string();
        bool const gone = !there && !id.empty() && facts_.audited("users.remove", id) > 0;
        auto const applied = there ? static_cast<int>(found->second.version) : gone ? subject.steps() : 0;
        expect_between(entry, applied);
        if (there) {
            if (found->second.id != id) verdict_.add(&Verdict::lost, subject.name + " has another id than answered");
            if (found->second.name != subject.person_name(applied)) {
                verdict_.add(&Verdict::halved, subject.name + " is named " + found->second.name + " at version " +
                                                   std::to_string(applied));
            }
        }
        if (id.empty()) return;
        auto const updates = std::clamp(applied - 1, 0, subject.updates);
        expect_traces(subject.name, "users.create", "user.created", id, applied > 0 ? 1 : 0);
        expect_traces(subject.name, "users.update", "user.updated", id, updates);
        expect_traces(subject.name, "users.remove", "user.removed", id, gone ? 1 : 0);
        records_["users.create"] += applied > 0 ? 1 : 0;
        records_["users.update"] += updates;
        records_["users.remove"] += gone ? 1 : 0;
        if (there) emails_.insert(subject.email());
    }

    void bundle(Entry const& entry) {
        auto const& name = entry.subject.name;
        auto const found = facts_.parts.find(name);
        auto const parts = found == facts_.parts.end() ? 0 : found->second;
        auto const applied = static_cast<int>(parts / kBundleParts);
        if (parts % kBundleParts != 0) {
            verdict_.add(&Verdict::halved, name + " has " + std::to_string(parts) + " parts");
        }
        expect_between(entry, applied);
        expect_traces(name, "bundles.add", "", name, applied);
        expect_count(name, "events", facts_.emitted("part.added", name), parts);
        records_["bundles.add"] += applied;
        expected_events_ += parts;
        if (parts > 0) ++bundles_;
    }

    void founder(Entry const& entry) {
        auto const& name = entry.subject.name;
        auto const email = entry.subject.email();
        auto const account = facts_.accounts.find(email);
        auto const profile = facts_.profiles.find(email);
        bool const has_account = account != facts_.accounts.end();
        bool const has_profile = profile != facts_.profiles.end();
        expect_between(entry, has_account || has_profile ? 1 : 0);
        if (has_profile) emails_.insert(email);
        if (!has_account && !has_profile) return;
        if (!has_account || !has_profile || profile->second.account_id != account->second ||
            !facts_.organizations.contains(profile->second.organization_id) ||
            !facts_.sessions.contains(account->second)) {
            return verdict_.add(&Verdict::halved, name + " signed up in part");
        }
        ++accounts_;
        if (!entry.id.empty() && profile->second.id != entry.id) {
            verdict_.add(&Verdict::lost, name + " has another id than answered");
        }
        expect_traces(name, "auth.sign_up", "", account->second, 1);
        expect_count(name, "events", facts_.emitted("user.created", profile->second.id), 1);
        ++expected_events_;
    }

    void refused(Entry const& entry) {
        auto const account = facts_.accounts.find(entry.subject.account);
        auto const rows = account == facts_.accounts.end() ? 0 : facts_.audited("auth.login", account->second);
        expect_between(entry, static_cast<int>(rows));
        expected_audit_ += rows;
    }

    void expect_between(Entry const& entry, int applied) {
        auto const& name = entry.subject.name;
        if (applied < entry.answered) {
            verdict_.add(&Verdict::lost, name + ": " + std::to_string(entry.answered) + " answered, " +
                                             std::to_string(applied) + " there");
        }
        if (applied > entry.begun) {
            verdict_.add(&Verdict::doubled,
                         name + ": " + std::to_string(entry.begun) + " sent, " + std::to_string(applied) + " there");
        }
    }

    void expect_traces(std::string const& name, std::string const& operation, std::string const& event,
                       std::string const& target, std::int64_t times) {
        expect_count(name, operation + " in the audit log", facts_.audited(operation, target), times);
        expected_audit_ += times;
        if (event.empty()) return;
        expect_count(name, event, facts_.emitted(event, target), times);
        expected_events_ += times;
    }

    void expect_count(std::string const& name, std::string const& what, std::int64_t found, std::int64_t expected) {
        if (found == expected) return;
        verdict_.add(found < expected ? &Verdict::unaudited : &Verdict::doubled,
                     name + ": " + what + " " + std::to_string(found) + " times, not " + std::to_string(expected));
    }

    /// What stands there and belongs to nobody whom we know.
    void strangers() {
        for (auto const& [email, profile] : facts_.profiles) {
            if (!emails_.contains(email) && !before_.profiles.contains(email))
                verdict_.add(&Verdict::doubled, email + " was never sent");
        }
        expect_count("all", "accounts", static_cast<std::int64_t>(facts_.accounts.size()), accounts_);
        expect_count("all", "bundles", static_cast<std::int64_t>(facts_.parts.size()), bundles_);
        expect_count("all", "audit rows", total(facts_.audit), expected_audit_);
        expect_count("all", "events", total(facts_.events), expected_events_);
        for (auto const& [operation, expected] : records_) {
            auto const found = facts_.records.find(operation);
            expect_count("all", "idempotency records of " + operation,
                         found == facts_.records.end() ? 0 : found->second, expected);
        }
    }

    static std::int64_t total(std::map<std::string, std::map<std::string, std::int64_t>> const& groups) {
        std::int64_t sum = 0;
        for (auto const& [what, counts] : groups) {
            for (auto const& [target, count] : counts) sum += count;
        }
        return sum;
    }

    Ledger const& ledger_;
    Facts const& facts_;
    Facts const& before_;
    Verdict verdict_;
    std::set<std::string> emails_;
    std::map<std::string, std::int64_t> records_;
    std::int64_t expected_audit_;
    std::int64_t expected_events_;
    std::int64_t accounts_;
    std::int64_t bundles_;
};

}  // namespace

void Verdict::add(std::int64_t Verdict::*count, std::string finding) {
    ++(this->*count);
    if (findings.size() < kMaxFindings) findings.push_back(std::move(finding));
}

void Verdict::merge(Verdict const& other) {
    for (auto const count :
         {&Verdict::lost, &Verdict::doubled, &Verdict::unaudited, &Verdict::halved, &Verdict::damaged}) {
        this->*count += other.*count;
    }
    for (auto const& finding : other.findings) {
        if (findings.size() < kMaxFindings) findings.push_back(finding);
    }
}

void Verdict::locate(std::string const& place) {
    for (auto& finding : findings) finding.insert(0, place + ": ");
}

std::string Verdict::summary() const {
    return "lost " + std::to_string(lost) + " doubled " + std::to_string(doubled) + " unaudited " +
           std::to_string(unaudited) + " halved " + std::to_string(halved) + " damaged " + std::to_string(damaged);
}

Verdict judge_audit(Backend const& backend) {
    Verdict verdict;
    auto const report = backend.verify_audit();
    if (!report) verdict.add(&Verdict::damaged, "the audit cannot be examined: " + report.error().message);
    if (!report) return verdict;
    for (auto const& fault : report->faults) {
        verdict.add(&Verdict::unaudited, "the audit of " + fault.organization_id + " at " +
                                             std::to_string(fault.position) + ": " + std::string(to_word(fault.kind)));
    }
    return verdict;
}

Verdict judge(Ledger const& ledger, Facts const& facts, Facts const& before) {
    return Judge(ledger, facts, before).run();
}

}  // namespace nexpo::durability
