// SPDX-License-Identifier: Apache-2.0
#include "work/job_slots.hpp"

#include <optional>
#include <string>

#include "store/sql_session.hpp"
#include "work/job_rank.hpp"

namespace nexpo::work {

namespace {

struct Blocked {
    std::string id{};
    std::int64_t slot_limit = 0;
    std::int64_t priority = 0;
};

StructType describe(Type<Blocked>) {
    return structure<Blocked>("Blocked", field("id", &Blocked::id), field("slot_limit", &Blocked::slot_limit),
                              field("priority", &Blocked::priority));
}

}  // namespace

std::string JobSlots::name(std::string_view organization_id, std::string_view concurrency_key) {
    return std::string(organization_id).append("\n").append(concurrency_key);
}

Result<bool> JobSlots::enter(Transaction const& tx, std::string_view slot, std::int64_t limit) {
    auto taken = tx.execute(
        "INSERT INTO job_slots (slot, taken) VALUES ($1, 1)"
        " ON CONFLICT (slot) DO UPDATE SET taken = job_slots.taken + 1 WHERE job_slots.taken < $2",
        {slot, limit});
    if (!taken) return std::move(taken).error();
    if (*taken == 1) return true;
    if (!tx.session().is_remote()) return false;
    // A SERIALIZABLE transaction that gives a place back at the same time does not see who waits here. It has to
    // repeat, for which this row must have been written: that ON CONFLICT looked at it is nothing that PostgreSQL
    // notes.
    auto written = tx.execute("UPDATE job_slots SET taken = taken WHERE slot = $1", {slot});
    if (!written) return std::move(written).error();
    return false;
}

Result<void> JobSlots::leave(Transaction const& tx, std::string_view slot, Timestamp now, std::int64_t count) {
    auto left = tx.execute("UPDATE job_slots SET taken = taken - $2 WHERE slot = $1", {slot, count});
    if (!left) return std::move(left).error();
    while (true) {
        auto const next = tx.one<Blocked>(
            "SELECT id, slot_limit, priority FROM jobs WHERE state = 'blocked' AND slot = $1 ORDER BY seq LIMIT 1"
            " {{postgresql FOR UPDATE}}",
            {slot});
        if (!next) return next.error();
        if (!*next) break;
        auto const entered = enter(tx, slot, (*next)->slot_limit);
        if (!entered) return entered.error();
        if (!*entered) return {};
        auto ready = tx.execute("UPDATE jobs SET state = 'ready', holds_slot = $2, rank = $3 WHERE id = $1",
                                {(*next)->id, true, rank_of(now, (*next)->priority)});
        if (!ready) return std::move(ready).error();
    }
    auto removed = tx.execute("DELETE FROM job_slots WHERE slot = $1 AND taken = 0", {slot});
    if (!removed) return std::move(removed).error();
    return {};
}

}  // namespace nexpo::work
