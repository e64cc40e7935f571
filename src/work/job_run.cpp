// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "nexpo/id.hpp"
#include "work/job_run_state.hpp"
#include "work/short_text.hpp"

namespace nexpo::inline v1 {

namespace {

constexpr std::size_t kMaxNote = 200;

}  // namespace

std::string const& JobRun::id() const noexcept {
    return state_->job.id;
}

std::string const& JobRun::organization_id() const noexcept {
    return state_->organization_id;
}

StructType const& JobRun::input_type() const noexcept {
    return *state_->kind.input;
}

std::int64_t JobRun::attempt() const noexcept {
    return state_->attempt;
}

std::int64_t JobRun::max_attempts() const noexcept {
    return state_->job.max_attempts;
}

std::optional<Timestamp> JobRun::scheduled_for() const noexcept {
    return state_->job.scheduled_for;
}

Timestamp JobRun::now() const noexcept {
    return state_->now;
}

std::string JobRun::new_id(std::string_view prefix) const {
    return make_id(prefix, state_->now, *state_->random);
}

std::stop_token JobRun::stop_token() const noexcept {
    return state_->stop.get_token();
}

Result<void> JobRun::progress(int percent, std::string_view note) const {
    return state_->store.write_and_wait({.scope = store::Scope::installation(), .locks_rows = true},
                                        [&](Transaction& tx, TransactionState&) -> Result<void> {
                                            return work::JobStore::note_progress(tx, state_->job,
                                                                                 std::clamp(percent, 0, 100),
                                                                                 work::short_text(note, kMaxNote));
                                        });
}

Result<void> JobRun::run_read(Result<void> (*function)(void*, Read&), void* context) const {
    return state_->store.read({state_->scope()}, {.stop = stop_token(), .deadline = state_->deadline},
                              [&](Read& read) { return function(context, read); });
}

}  // namespace nexpo::inline v1
