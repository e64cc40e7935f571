// SPDX-License-Identifier: Apache-2.0
#include "operation/pipeline_state.hpp"

#include <chrono>

#include "base/base64.hpp"
#include "nexpo/id.hpp"
#include "operation/outbox.hpp"

namespace nexpo::operation {

Pipeline::State::State(PipelineParts given)
    : parts(std::move(given)),
      address_limit("address", parts.limits.address_per_minute, parts.clock),
      failed_identity_limit("identity", parts.limits.failed_identity_per_minute, parts.clock),
      caller_limit("caller", parts.limits.caller_per_minute, parts.clock),
      account_limit("account", parts.limits.account_per_minute, parts.clock),
      idempotency(parts.sealer),
      permissions_(parts.table) {
    for (auto& operation : parts.table.operations) {
        by_name_.emplace(operation.info.name, &operation);
        auto& entry = entries_.emplace_back(operation);
        for (auto const& hook : parts.table.hooks) {
            if (hook.operation != operation.info.name) continue;
            if (hook.before) entry.before.push_back(&hook);
            if (hook.after) entry.after.push_back(&hook);
            // Nobody knows what an application's hook waits for.
            operation.info.may_block = true;
            operation.info.blocking_field.clear();
        }
        if (parts.store.may_block()) {
            operation.info.may_block = true;
            operation.info.blocking_field.clear();
        }
        measure(entry);
    }
}

void Pipeline::State::measure(Entry& entry) {
    auto const& name = entry.operation->info.name;
    for (std::size_t code = 0; code < entry.calls.size(); ++code) {
        std::string const word = code == 0 ? "ok" : std::string(to_string(static_cast<Errc>(code)));
        entry.calls[code] = &parts.metrics.counter("nexpo_calls_total", "Calls by operation and outcome.",
                                                   {{"operation", name}, {"code", word}});
    }
    entry.seconds = &parts.metrics.histogram("nexpo_call_seconds", "Time from entry to answer.", {{"operation", name}});
}

AnyOperation const* Pipeline::State::find(std::string_view name) const noexcept {
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::string Pipeline::State::new_id(std::string_view prefix, Timestamp now) const {
    return make_id(prefix, now, *parts.random);
}

Result<void> Pipeline::State::read(store::Access const& access, store::ReadLimits const& limits,
                                   store::Store::ReadFunction function) const {
    return parts.store.read(access, limits, function);
}

std::string Pipeline::State::seal_cursor(std::string_view position, std::string_view bound_to) const {
    return base::base64url_encode(parts.sealer.seal(position, "cursor\n" + std::string(bound_to)));
}

Result<std::string> Pipeline::State::open_cursor(std::string_view cursor, std::string_view bound_to) const {
    if (auto const sealed = base::base64url_decode(cursor)) {
        if (auto const opened = parts.sealer.open(*sealed, "cursor\n" + std::string(bound_to))) {
            return std::string(opened->reveal());
        }
    }
    return Error{Errc::invalid_argument,
                 "cursor_invalid",
                 "the cursor belongs to another list or is damaged",
                 {{"/cursor", "cursor", "must be the `next` of the page before, with the same filter"}}};
}

bool Pipeline::State::enter() {
    std::lock_guard const lock(mutex_);
    if (closed_) return false;
    ++running_;
    return true;
}

void Pipeline::State::leave() {
    std::lock_guard const lock(mutex_);
    if (--running_ == 0) idle_.notify_all();
}

void Pipeline::State::drain() {
    {
        std::unique_lock lock(mutex_);
        closed_ = true;
        idle_.wait(lock, [this] { return running_ == 0; });
    }
    write_denials(denials.take_before(Timestamp::max()));
}

void Pipeline::State::housekeep(Timestamp now) {
    auto const minute = std::chrono::floor<std::chrono::minutes>(now);
    auto const number = minute.time_since_epoch().count();
    auto last = housekept_minute_.load(std::memory_order_relaxed);
    do {
        // The minute before is a call's that began in it; an earlier one is a clock's that was set back.
        if (number == last || number == last - 1) return;
    } while (!housekept_minute_.compare_exchange_weak(last, number, std::memory_order_relaxed));
    write_denials(denials.take_before(minute));
}

void Pipeline::State::write_denials(std::vector<DenialSums::Row> rows) {
    if (rows.empty()) return;
    parts.store.write(
        {parts.all_organizations},
        [rows = std::move(rows)](Transaction& tx, TransactionState&) { return DenialSums::write(tx, rows); },
        [log = parts.log](Result<void> const& done) {
            if (!done) log.error("denied calls were not recorded", {{"reason", done.error().reason}});
        });
}

}  // namespace nexpo::operation
