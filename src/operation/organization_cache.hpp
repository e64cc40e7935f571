// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace nexpo::operation {

/// The ids behind the slugs that the application calls with, for at most a second. Thread-safe.
class OrganizationCache {
 public:
    using Time = std::chrono::steady_clock::time_point;

    std::optional<std::string> find(std::string_view slug, Time now) {
        std::lock_guard const lock(mutex_);
        auto const found = entries_.find(slug);
        if (found == entries_.end() || now - found->second.read_at >= kMaxAge) return std::nullopt;
        return found->second.id;
    }

    void remember(std::string_view slug, std::string const& id, Time now) {
        std::lock_guard const lock(mutex_);
        if (entries_.size() >= kMaxEntries) entries_.clear();
        entries_.insert_or_assign(std::string(slug), Entry{id, now});
    }

 private:
    static constexpr std::chrono::seconds kMaxAge{1};
    static constexpr std::size_t kMaxEntries = 10'000;

    struct Entry {
        std::string id;
        Time read_at;
    };

    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace nexpo::operation
