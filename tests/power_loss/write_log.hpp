// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "support/durability/ledger.hpp"

namespace nexpo::power_loss {

/// What a program asked of its disk, and what it told its callers, in one order.
namespace logged {

struct Create {
    std::string name;
    int file;  ///< The same for every handle; a file created anew under the name gets another.
};
struct Remove {
    std::string name;
};
struct Write {
    int file;
    std::int64_t offset;
    std::string bytes;
};
struct Resize {
    int file;
    std::int64_t size;
};
/// Makes durable what the log held of the file when the sync began; what was written meanwhile may be left out.
struct Sync {
    int file;
    std::size_t begun_at;
};
/// The disk refused: what should have become durable may be anything, and no later sync makes up for it, because the
/// operating system has marked it clean (https://wiki.postgresql.org/wiki/Fsync_Errors).
struct FailedSync {
    int file;
};
/// Makes the names durable.
struct SyncNames {
    std::size_t begun_at;
};
struct Begun {
    durability::Subject subject;
};
struct Answered {
    std::string name;
    durability::Answer answer;
};

}  // namespace logged

using LogEntry = std::variant<logged::Create, logged::Remove, logged::Write, logged::Resize, logged::Sync,
                              logged::FailedSync, logged::SyncNames, logged::Begun, logged::Answered>;

/// Thread-safe for adding.
class WriteLog {
 public:
    void add(LogEntry entry) {
        std::lock_guard const lock(mutex_);
        entries_.push_back(std::move(entry));
    }
    std::size_t size() const {
        std::lock_guard const lock(mutex_);
        return entries_.size();
    }
    /// Once nobody adds any more.
    std::vector<LogEntry> const& entries() const noexcept { return entries_; }

 private:
    mutable std::mutex mutex_;
    std::vector<LogEntry> entries_;
};

}  // namespace nexpo::power_loss
