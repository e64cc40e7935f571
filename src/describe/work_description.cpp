// SPDX-License-Identifier: Apache-2.0
#include "nexpo/work.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<Job>) {
    return structure<Job>(
        "Job", field("id", &Job::id).id("job"),
        field("organization_id", &Job::organization_id).doc("Absent: the installation's own."),
        field("kind", &Job::kind).doc("What it does."), field("state", &Job::state).doc("Where it stands."),
        field("priority", &Job::priority).doc("Each step counts like a minute of waiting."),
        field("run_at", &Job::run_at).doc("When it is, or was, due."),
        field("attempt", &Job::attempt).doc("Attempts so far."),
        field("max_attempts", &Job::max_attempts).doc("Attempts that it has."),
        field("progress", &Job::progress).doc("In percent."),
        field("progress_note", &Job::progress_note).doc("What it is at."),
        field("cancel_requested", &Job::cancel_requested).doc("It was called off while it ran, and has not ended yet."),
        field("cause", &Job::cause).doc("Why the last attempt failed: a stable word."),
        field("cause_message", &Job::cause_message).doc("The same for people."),
        field("idempotency_key", &Job::idempotency_key)
            .doc("While it is kept, queuing a job of its kind with this key answers this one."),
        field("unique_key", &Job::unique_key)
            .doc("Until it is over, queuing a job of its kind with this key answers this one."),
        field("concurrency_key", &Job::concurrency_key).doc("Jobs that share it run one or a few at a time."),
        field("payload", &Job::payload).doc("What the handler gets."),
        field("result", &Job::result).doc("What the handler answered."),
        field("schedule_id", &Job::schedule_id).doc("When a schedule queued it."),
        field("scheduled_for", &Job::scheduled_for).doc("The time for which a schedule queued it."),
        field("created_at", &Job::created_at).doc("When it was queued."),
        field("started_at", &Job::started_at).doc("When its last attempt began."),
        field("finished_at", &Job::finished_at).doc("When it ended."));
}

StructType describe(Type<GetJob>) {
    return structure<GetJob>("GetJob", field("id", &GetJob::id).required().max(64));
}

StructType describe(Type<ListJobs>) {
    return structure<ListJobs>("ListJobs", field("limit", &ListJobs::limit).min(1).max(kMaxPageLimit),
                               field("cursor", &ListJobs::cursor).max(1024).doc("`next` of the page before."),
                               field("state", &ListJobs::state).doc("Only jobs in this state."),
                               field("kind", &ListJobs::kind).max(100).doc("Only jobs of this kind."));
}

StructType describe(Type<CancelJob>) {
    return structure<CancelJob>("CancelJob", field("id", &CancelJob::id).required().max(64));
}

StructType describe(Type<RetryJob>) {
    return structure<RetryJob>("RetryJob", field("id", &RetryJob::id).required().max(64));
}

StructType describe(Type<ReplayJobs>) {
    return structure<ReplayJobs>(
        "ReplayJobs", field("ids", &ReplayJobs::ids).max(1'000).doc("Only these; empty: all that the rest fits."),
        field("kind", &ReplayJobs::kind).max(100).doc("Only of this kind."),
        field("since", &ReplayJobs::since).doc("Only those that died at this time or later."),
        field("limit", &ReplayJobs::limit).min(1).max(10'000).doc("At most so many, the oldest first."));
}

StructType describe(Type<ReplayedJobs>) {
    return structure<ReplayedJobs>("ReplayedJobs",
                                   field("count", &ReplayedJobs::count).doc("How many jobs start anew."));
}

}  // namespace nexpo::inline v1
