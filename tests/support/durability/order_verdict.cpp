// SPDX-License-Identifier: Apache-2.0
#include "support/durability/order_verdict.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "store/store.hpp"
#include "support/access.hpp"

namespace nexpo::durability {

static StructType describe(Type<JobFact>) {
    return structure<JobFact>("JobFact", field("id", &JobFact::id), field("kind", &JobFact::kind),
                              field("state", &JobFact::state), field("payload", &JobFact::payload),
                              field("unique_key", &JobFact::unique_key));
}

static StructType describe(Type<EffectFact>) {
    return structure<EffectFact>("EffectFact", field("job", &EffectFact::job), field("line", &EffectFact::line));
}

static StructType describe(Type<EndFact>) {
    return structure<EndFact>("EndFact", field("job", &EndFact::job), field("state", &EndFact::state));
}

namespace {

constexpr std::size_t kMaxFindings = 20;
/// Jobs that wait for longer are not due.
constexpr std::chrono::minutes kDue{30};

bool is_end(JobState state) {
    return state == JobState::succeeded || state == JobState::dead || state == JobState::cancelled;
}

std::string text_of(Json const& json, std::string_view member) {
    auto const* found = json.find(member);
    auto const* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string() : *text;
}

bool truth_of(Json const& json, std::string_view member) {
    auto const* found = json.find(member);
    return found != nullptr && found->if_boolean() != nullptr && *found->if_boolean();
}

class Judge {
 public:
    Judge(OrderLedger const& ledger, OrderFacts const& facts) : ledger_(ledger), facts_(facts) {
        for (auto const& job : facts.jobs) jobs_.emplace(job.id, &job);
        for (auto const& effect : facts.effects) ++effects_[effect.job];
    }

    OrderVerdict run() {
        orders();
        jobs();
        ends();
        order_of_lines();
        return std::move(verdict_);
    }

 private:
    void orders() {
        std::set<std::string> const there(facts_.orders.begin(), facts_.orders.end());
        std::map<std::string, std::int64_t> parts;
        for (auto const& job : facts_.jobs) {
            if (job.kind == "order.pack") ++parts[text_of(job.payload, "order")];
        }
        for (auto const& name : there) {
            if (!ledger_.entries().contains(name)) verdict_.add(&OrderVerdict::lost, name + " was never sent");
        }
        for (auto const& [name, entry] : ledger_.entries()) {
            bool const exists = there.contains(name);
            if (entry.answered && !exists) verdict_.add(&OrderVerdict::lost, name + " was answered, and is not there");
            auto const expected = exists ? entry.order.parts : 0;
            if (parts[name] != expected) {
                verdict_.add(&OrderVerdict::lost,
                             name + " has " + std::to_string(parts[name]) + " parts, not " + std::to_string(expected));
            }
            for (auto const& id : entry.jobs) {
                if (!jobs_.contains(id))
                    verdict_.add(&OrderVerdict::lost, "job " + id + " of " + name + " is not there");
            }
        }
        for (auto const& id : ledger_.cancelled()) {
            auto const found = jobs_.find(id);
            if (found == jobs_.end() || found->second->state != JobState::cancelled) {
                verdict_.add(&OrderVerdict::lost, "job " + id + " was called off, and is not");
            }
        }
    }

    void jobs() {
        std::map<std::string, std::int64_t> bills;
        std::set<std::string> uniques;
        for (auto const& job : facts_.jobs) {
            if (job.kind == "order.bill") ++bills[text_of(job.payload, "name")];
            if (job.unique_key && !is_end(job.state) && !uniques.insert(*job.unique_key).second) {
                verdict_.add(&OrderVerdict::ends, "two jobs with the key " + *job.unique_key + " are not at their end");
            }
        }
        for (auto const& job : facts_.jobs) {
            bool const succeeded = job.state == JobState::succeeded;
            auto const found = effects_.find(job.id);
            auto const count = found == effects_.end() ? 0 : found->second;
            if (count != (succeeded ? 1 : 0)) {
                verdict_.add(&OrderVerdict::effects, "job " + job.id + " is " + std::string(to_word(job.state)) +
                                                         " and has " + std::to_string(count) + " effects");
            }
            auto const expected = succeeded && job.kind == "order.pack" && truth_of(job.payload, "has_bill") ? 1 : 0;
            if (bills[job.id] != expected) {
                verdict_.add(&OrderVerdict::effects, "job " + job.id + " is " + std::string(to_word(job.state)) +
                                                         " and has " + std::to_string(bills[job.id]) + " bills");
            }
        }
        for (auto const& [job, count] : effects_) {
            if (!jobs_.contains(job)) verdict_.add(&OrderVerdict::effects, "an effect of nobody: " + job);
        }
    }

    void ends() {
        std::map<std::string, std::vector<JobState>> ends;
        for (auto const& end : facts_.ends) ends[end.job].push_back(end.state);
        for (auto const& job : facts_.jobs) {
            auto const& found = ends[job.id];
            bool const fits = is_end(job.state) ? found.size() == 1 && found.front() == job.state : found.empty();
            if (!fits) {
                verdict_.add(&OrderVerdict::ends, "job " + job.id + " is " + std::string(to_word(job.state)) +
                                                      " and has found " + std::to_string(found.size()) + " ends");
            }
        }
    }

    void order_of_lines() {
        std::map<std::string, std::size_t> place;
        for (std::size_t i = 0; i < facts_.jobs.size(); ++i) place[facts_.jobs[i].id] = i;
        std::map<std::string, std::size_t> last;
        for (auto const& effect : facts_.effects) {
            if (effect.line.empty() || !place.contains(effect.job)) continue;
            auto const [at, first] = last.emplace(effect.line, place[effect.job]);
            if (!first && place[effect.job] < at->second) {
                verdict_.add(&OrderVerdict::disordered, "job " + effect.job + " came too late on " + effect.line);
            }
            at->second = place[effect.job];
        }
        callers_saw_their_order();
    }

    /// Whoever waited for an answer before the next order knows which one came first.
    void callers_saw_their_order() {
        std::map<std::string, int> last;
        for (auto const& effect : facts_.effects) {
            auto const job = jobs_.find(effect.job);
            if (effect.line.empty() || job == jobs_.end()) continue;
            auto const name = text_of(job->second->payload, "order");
            auto const dash = name.rfind('-');
            auto const number = std::stoi(name.substr(dash + 1));
            auto const [at, first] = last.emplace(effect.line + "\n" + name.substr(0, dash), number);
            if (!first && number < at->second) {
                verdict_.add(&OrderVerdict::disordered, name + " came after what was placed later on " + effect.line);
            }
            at->second = number;
        }
    }

    OrderLedger const& ledger_;
    OrderFacts const& facts_;
    OrderVerdict verdict_;
    std::map<std::string, JobFact const*> jobs_;
    std::map<std::string, std::int64_t> effects_;
};

}  // namespace

void OrderVerdict::add(std::int64_t OrderVerdict::*count, std::string finding) {
    ++(this->*count);
    if (findings.size() < kMaxFindings) findings.push_back(std::move(finding));
}

void OrderVerdict::merge(OrderVerdict const& other, std::string const& place) {
    for (auto const count : {&OrderVerdict::lost, &OrderVerdict::effects, &OrderVerdict::ends,
                             &OrderVerdict::disordered, &OrderVerdict::unfinished}) {
        this->*count += other.*count;
    }
    for (auto const& finding : other.findings) {
        if (findings.size() < kMaxFindings) findings.push_back(place + ": " + finding);
    }
}

std::string OrderVerdict::summary() const {
    return "lost " + std::to_string(lost) + " effects " + std::to_string(effects) + " ends " + std::to_string(ends) +
           " disordered " + std::to_string(disordered) + " unfinished " + std::to_string(unfinished);
}

OrderFacts OrderFacts::load(std::string const& url) {
    OrderFacts facts;
    auto const store = store::open_store({.url = url, .readers = 1, .clock = system_clock()}).value();
    auto const due = system_clock()->now() + kDue;
    store
        ->read(
            testing::kEverything, {},
            [&](Read& read) -> Result<void> {
                facts.orders = read.all<std::string>("SELECT name FROM orders", {}).value();
                facts.jobs =
                    read.all<JobFact>("SELECT id, kind, state, payload, unique_key FROM jobs ORDER BY seq", {}).value();
                facts.effects = read.all<EffectFact>("SELECT job, line FROM order_effects ORDER BY seq", {}).value();
                facts.ends = read.all<EndFact>("SELECT job, state FROM order_ends", {}).value();
                facts.unfinished =
                    *read.one<std::int64_t>("SELECT count(*) FROM jobs WHERE finished_at IS NULL AND run_at < $1",
                                            {due})
                         .value();
                return {};
            })
        .value();
    return facts;
}

std::int64_t OrderFacts::count(JobState state) const {
    return std::ranges::count(jobs, state, &JobFact::state);
}

OrderVerdict judge(OrderLedger const& ledger, OrderFacts const& facts) {
    return Judge(ledger, facts).run();
}

std::string overlooked(OrderLedger const& ledger, OrderFacts const& facts) {
    struct Way {
        char const* name;
        std::int64_t OrderVerdict::*count;
        void (*change)(OrderFacts&);
    };
    constexpr std::array kWays{
        Way{"a lost order", &OrderVerdict::lost, [](OrderFacts& all) { all.orders.pop_back(); }},
        Way{"a lost job", &OrderVerdict::lost,
            [](OrderFacts& all) {
                std::erase_if(all.jobs, [id = all.effects.front().job](JobFact const& job) { return job.id == id; });
            }},
        Way{"a doubled job", &OrderVerdict::lost,
            [](OrderFacts& all) {
                auto const job = std::ranges::find(all.jobs, "order.pack", &JobFact::kind);
                auto again = *job;
                again.id += "x";
                all.jobs.push_back(again);
            }},
        Way{"a missing effect", &OrderVerdict::effects, [](OrderFacts& all) { all.effects.pop_back(); }},
        Way{"a doubled effect", &OrderVerdict::effects,
            [](OrderFacts& all) { all.effects.push_back(all.effects.front()); }},
        Way{"a second end", &OrderVerdict::ends, [](OrderFacts& all) { all.ends.push_back(all.ends.front()); }},
        Way{"another end", &OrderVerdict::ends,
            [](OrderFacts& all) {
                auto& state = all.ends.front().state;
                state = state == JobState::dead ? JobState::succeeded : JobState::dead;
            }},
        Way{"a missing end", &OrderVerdict::ends, [](OrderFacts& all) { all.ends.pop_back(); }},
        Way{"effects in another order", &OrderVerdict::disordered,
            [](OrderFacts& all) { std::ranges::reverse(all.effects); }},
    };
    for (auto const& way : kWays) {
        auto changed = facts;
        way.change(changed);
        if (judge(ledger, changed).*way.count == 0) return way.name;
    }
    return {};
}

}  // namespace nexpo::durability
