// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "nexpo/result.hpp"
#include "work/yearly_change.hpp"

namespace nexpo::work {

/// An IANA time zone as the system's database (/usr/share/zoneinfo) has it. Immutable, so safe to share.
///
/// A zone is read once in a process: a new version of the database counts after a restart. No variable of the
/// environment is read and nothing is fetched.
class TimeZone {
 public:
    /// A stretch of time in which clocks keep one distance from UTC.
    struct Stretch {
        std::chrono::sys_seconds begin{};
        std::chrono::sys_seconds finish{};  ///< Not part of it.
        std::chrono::seconds offset{};      ///< East of Greenwich.
    };

    /// The first and the last moment of all stretches.
    static constexpr std::chrono::sys_seconds kBegin = std::chrono::sys_days(std::chrono::year(-1) / 1 / 1);
    static constexpr std::chrono::sys_seconds kFinish = std::chrono::sys_days(std::chrono::year(10001) / 1 / 1);

    /// The zone of this name; names are compared exactly. `UTC` is there even where the database is not. Thread-safe.
    /// Errors: invalid_argument (time_zone_unknown).
    static Result<std::shared_ptr<TimeZone const>> find(std::string_view name);

    /// The zone in the bytes of a TZif file (RFC 9636) of version 2 or newer; nothing when they are malformed or count
    /// leap seconds.
    static std::optional<TimeZone> read(std::string_view bytes);

    /// The stretch that the moment lies in.
    Stretch stretch(std::chrono::sys_seconds time) const;

    /// What clocks show.
    std::chrono::local_seconds to_local(std::chrono::sys_seconds time) const;

 private:
    struct Change {
        std::chrono::sys_seconds at{};
        std::chrono::seconds offset{};  ///< From then on.
    };

    Stretch listed_stretch(std::chrono::sys_seconds time) const;
    Stretch yearly_stretch(std::chrono::sys_seconds time, YearlyRule::Summer const& summer) const;

    std::chrono::seconds first_offset_{};
    std::vector<Change> changes_{};
    YearlyRule later_{};
};

}  // namespace nexpo::work
