// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace nexpo::net {

/// Functions to be called at their time. Not thread-safe.
class Timers {
 public:
    using Time = std::chrono::steady_clock::time_point;
    using Entries = std::multimap<Time, std::function<void()>>;
    using Id = Entries::iterator;  ///< Valid until it is called or cancelled.

    Id add(Time at, std::function<void()> call) { return entries_.emplace(at, std::move(call)); }
    void cancel(Id id) { entries_.erase(id); }

    std::optional<Time> next() const {
        return entries_.empty() ? std::nullopt : std::optional(entries_.begin()->first);
    }

    /// Takes out and calls what is due; the calls may add and cancel others.
    void run(Time now) {
        while (!entries_.empty() && entries_.begin()->first <= now) {
            auto const entry = entries_.extract(entries_.begin());
            entry.mapped()();
        }
    }

 private:
    Entries entries_;
};

}  // namespace nexpo::net
