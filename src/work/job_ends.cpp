// SPDX-License-Identifier: Apache-2.0
#include "work/job_ends.hpp"

#include <algorithm>
#include <utility>

namespace nexpo::work {

namespace {

store::Access const& everything() {
    static store::Access const access{.scope = store::Scope::installation(), .locks_rows = true};
    return access;
}

}  // namespace

void JobEnds::add(End end) {
    std::shared_ptr<Group> group;
    {
        std::lock_guard const lock(mutex_);
        if (!waiting_) waiting_ = std::make_shared<Group>();
        waiting_->push_back(std::move(end));
        if (std::exchange(busy_, true)) return;
        group = std::exchange(waiting_, nullptr);
    }
    commit(std::move(group), false);
}

void JobEnds::commit(std::shared_ptr<Group> group, bool alone) {
    auto held = std::make_shared<std::vector<std::string>>();
    auto run = [this, group, held](Transaction& tx, TransactionState&) -> Result<void> {
        auto const now = clock_->now();
        std::vector<EndedJob> jobs;
        jobs.reserve(group->size());
        for (auto const& end : *group) {
            jobs.push_back({&end.attempt->job, end.result, now + end.attempt->kind.kind.keep});
        }
        auto ended = JobStore::succeed(tx, jobs, now);
        if (!ended) return std::move(ended).error();
        *held = std::move(*ended);
        std::ranges::sort(*held);
        return {};
    };
    auto done = [this, group, held, alone](Result<void> const& result) {
        if (!alone) commit_next();
        settle(*group, *held, result);
    };
    store_.write(everything(), std::move(run), std::move(done));
}

void JobEnds::commit_next() {
    std::shared_ptr<Group> next;
    {
        std::lock_guard const lock(mutex_);
        next = std::exchange(waiting_, nullptr);
        busy_ = next != nullptr;
    }
    if (next) commit(std::move(next), false);
}

void JobEnds::settle(Group& group, std::vector<std::string> const& held, Result<void> const& result) {
    // One of them may have spoiled it for all.
    bool const apart = !result && result.error().code != Errc::unavailable && group.size() > 1;
    for (auto& end : group) {
        if (apart) {
            commit(std::make_shared<Group>(1, std::move(end)), true);
        } else if (!result) {
            end.done(result);
        } else if (std::ranges::binary_search(held, end.attempt->job.id)) {
            end.done({});
        } else {
            end.done(lost_error());
        }
    }
}

}  // namespace nexpo::work
