// SPDX-License-Identifier: Apache-2.0
#include "work/job_queue.hpp"

#include "base/utf8.hpp"
#include "describe/codec.hpp"
#include "nexpo/id.hpp"
#include "store/scope_change.hpp"
#include "work/job_store.hpp"
#include "work/short_text.hpp"

namespace nexpo::work {

namespace {

constexpr std::size_t kMaxKey = 255;

/// Options come from the application's code, but with keys that it may have from outside.
Result<void> check(JobOptions const& options) {
    std::vector<Violation> violations;
    auto const demand = [&](bool holds, char const* field, char const* rule, char const* message) {
        if (!holds) violations.push_back({std::string("/options/") + field, rule, message});
    };
    auto const is_key = [](std::string const& key) {
        return key.size() <= kMaxKey && base::valid_utf8(key) && key.find('\0') == key.npos;
    };
    constexpr char const* kKeyRule = "must be UTF-8 text of at most 255 bytes without NUL";
    demand(is_key(options.idempotency_key), "idempotency_key", "max", kKeyRule);
    demand(is_key(options.unique_key), "unique_key", "max", kKeyRule);
    demand(is_key(options.concurrency_key), "concurrency_key", "max", kKeyRule);
    demand(options.priority >= -10 && options.priority <= 10, "priority", "range", "must be -10 to 10");
    demand(options.concurrency >= 1 && options.concurrency <= 1'000, "concurrency", "range", "must be 1 to 1,000");
    demand(!options.ordered || (!options.concurrency_key.empty() && options.concurrency == 1), "ordered", "needs_key",
           "needs a concurrency key and a concurrency of 1");
    demand(!options.run_at || (*options.run_at >= min_timestamp() && *options.run_at <= max_timestamp()), "run_at",
           "range", "must be within the years 1 to 9999");
    if (violations.empty()) return {};
    return describe::validation_error(std::move(violations));
}

}  // namespace

Result<std::string> JobQueue::enqueue(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view kind,
                                      StructType const& type, void const* input, JobOptions const& options) {
    auto const* job = kinds_.find(kind);
    if (job == nullptr) {
        return Error{Errc::internal, "job_unknown", "no handler takes jobs of the kind " + std::string(kind)};
    }
    if (!describe::same_struct(*job->input, type)) {
        return Error{Errc::internal, "type_mismatch", job->kind.name + " takes " + job->input->name()};
    }
    if (auto sound = check(options); !sound) return std::move(sound).error();
    if (auto valid = validate(type, input); !valid) return std::move(valid).error();
    return add(tx, origin, *job, to_json(type, input), options);
}

Result<bool> JobQueue::publish(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view event_id,
                               std::string_view event, std::string const& payload) {
    auto const* kinds = kinds_.subscribers(event);
    if (kinds != nullptr && payload.size() > kMaxPayload) {
        return Error{Errc::invalid_argument, "event_too_large",
                     "the event " + std::string(event) + " has more than 1 MiB as JSON, and jobs follow it"};
    }
    bool const any = kinds != nullptr;
    if (any) {
        for (auto const& kind : *kinds) {
            auto added = add(tx, origin, *kinds_.find(kind), payload, {.idempotency_key = std::string(event_id)});
            if (!added) return std::move(added).error();
        }
    }
    if (follower_ == nullptr || origin.organization_id.empty()) return any;
    auto const followed = follower_->follow(tx, origin, event_id, event, *this);
    if (!followed) return followed.error();
    return any || *followed;
}

Result<std::string> JobQueue::add(Transaction const& tx, operation::WorkOrigin const& origin, AnyJob const& job,
                                  std::string payload, JobOptions const& options) {
    if (payload.size() > kMaxPayload) {
        return describe::validation_error(
            {{"/input", "max", "must not be longer than 1 MiB as JSON; keep it elsewhere and pass its id"}});
    }
    if (holds_nul(payload)) {
        return describe::validation_error({{"/input", "no_nul", "must not hold U+0000"}});
    }
    if (nests_too_deep(payload)) {
        return describe::validation_error({{"/input", "max_depth", "must not nest more than 256 levels deep"}});
    }
    store::ScopeChange const everything(tx, store::Scope::installation());
    auto id = JobStore::add(tx,
                            {.id = make_id("job", origin.now, random_),
                             .organization_id = std::string(origin.organization_id),
                             .kind = job.kind.name,
                             .payload = std::move(payload),
                             .now = origin.now,
                             .max_attempts = job.kind.max_attempts},
                            options);
    // One that is due later is found by looking.
    bool const due = !options.run_at || *options.run_at <= origin.now;
    if (id && due && link_ != nullptr) tx.after_commit([this, due_job = *id] { announce(due_job); });
    return id;
}

void JobQueue::announce(std::string_view job_id) {
    if (link_ != nullptr) link_->announce(job_id);
}

}  // namespace nexpo::work
