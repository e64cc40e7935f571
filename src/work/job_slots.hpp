// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/store.hpp"
#include "nexpo/time.hpp"

namespace nexpo::work {

/// How many jobs with the same concurrency key are ready or running. Those beyond the limit are blocked, and take the
/// place of one that leaves, in their order: while a job is blocked, no place is free.
class JobSlots {
 public:
    /// A concurrency key with its organization.
    static std::string name(std::string_view organization_id, std::string_view concurrency_key);
    /// Takes a place if fewer than `limit` are taken.
    static Result<bool> enter(Transaction const& tx, std::string_view slot, std::int64_t limit);
    /// Gives places back and lets in who waits for them. They stand behind whatever is ready already: else a key with
    /// enough old jobs would keep all workers from everybody else.
    static Result<void> leave(Transaction const& tx, std::string_view slot, Timestamp now, std::int64_t count = 1);
};

}  // namespace nexpo::work
