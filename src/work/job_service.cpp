// SPDX-License-Identifier: Apache-2.0
#include "work/job_service.hpp"

#include <memory>
#include <utility>

#include "work/job_rows.hpp"

namespace nexpo::work {

namespace {

JobRows jobs_of(Call const& call) {
    return JobRows(call.organization_id());
}

Result<Job> require_job(Read const& read, JobRows const& rows, std::string_view id) {
    auto found = rows.find(read, id);
    if (!found) return std::move(found).error();
    if (!*found) return Error{Errc::not_found, "job_not_found", "there is no such job"};
    return std::move(**found);
}

bool is_over(Job const& job) {
    return job.finished_at.has_value();
}

}  // namespace

Reply<Job> JobService::get(Call& call, GetJob const& input) {
    return call.read([&](Read& read) {
        auto const rows = jobs_of(call);
        return require_job(read, rows, input.id);
    });
}

Reply<Page<Job>> JobService::list(Call& call, ListJobs const& input) {
    auto const filter =
        (input.state ? std::string(to_word(*input.state)) : std::string()) + "\n" + input.kind.value_or("");
    std::string after;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, filter);
        if (!opened) return std::move(opened).error();
        after = std::move(*opened);
    }
    auto jobs = call.read([&](Read& read) {
        auto const rows = jobs_of(call);
        return rows.list(read, after, input, input.limit + 1);
    });
    if (!jobs) return std::move(jobs).error();
    Page<Job> page{.items = std::move(*jobs)};
    if (static_cast<int>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, filter);
    }
    return page;
}

Reply<Job> JobService::cancel(Call& call, CancelJob const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Job> {
        auto const rows = jobs_of(call);
        auto job = require_job(tx, rows, input.id);
        if (!job) return job;
        if (is_over(*job)) return Error{Errc::failed_precondition, "job_finished", "the job is over"};
        auto const* known = kinds_.find(job->kind);
        auto const keep = known == nullptr ? JobKind().keep : known->kind.keep;
        auto done = job->state == JobState::running ? rows.ask_to_stop(tx, *job)
                                                    : rows.cancel(tx, *job, call.now(), call.now() + keep);
        if (!done) return std::move(done).error();
        tx.audit_target(job->id);
        tx.after_commit([this, id = job->id] {
            signals_.send(kJobCancelled, id);
            queue_.wake();
        });
        return require_job(tx, rows, input.id);
    });
}

Reply<Job> JobService::retry(Call& call, RetryJob const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Job> {
        auto const rows = jobs_of(call);
        auto job = require_job(tx, rows, input.id);
        if (!job) return job;
        if (job->state == JobState::scheduled) {
            if (auto done = rows.run_now(tx, *job, call.now()); !done) return std::move(done).error();
        } else if (job->state == JobState::dead || job->state == JobState::cancelled) {
            auto started = rows.start_anew(tx, *job, call.now());
            if (!started) return std::move(started).error();
            if (!*started) {
                return Error{Errc::already_exists, "job_not_unique", "another job with its unique key is not finished"};
            }
        } else {
            return Error{Errc::failed_precondition, "job_not_stopped",
                         "only a dead, cancelled or scheduled job can be started"};
        }
        tx.audit_target(job->id);
        tx.after_commit([this, id = job->id] {
            queue_.wake();
            queue_.announce(id);
        });
        return require_job(tx, rows, input.id);
    });
}

Reply<ReplayedJobs> JobService::replay(Call& call, ReplayJobs const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<ReplayedJobs> {
        auto const rows = jobs_of(call);
        auto const dead = rows.dead(tx, input);
        if (!dead) return dead.error();
        ReplayedJobs replayed;
        std::vector<std::string> ids;
        for (auto const& job : *dead) {
            auto started = rows.start_anew(tx, job, call.now());
            if (!started) return std::move(started).error();
            if (!*started) continue;
            ++replayed.count;
            ids.push_back(job.id);
        }
        tx.after_commit([this, ids = std::move(ids)] {
            queue_.wake();
            for (auto const& id : ids) queue_.announce(id);
        });
        return replayed;
    });
}

}  // namespace nexpo::work
