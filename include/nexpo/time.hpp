// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Points in time, their text form, and the clock that can be replaced.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "nexpo/export.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

/// A point in time in UTC with microsecond resolution. Valid from year 1 to year 9999.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// The first valid timestamp, 0001-01-01T00:00:00Z.
NEXPO_API Timestamp min_timestamp() noexcept;
/// The last valid timestamp, 9999-12-31T23:59:59.999999Z.
NEXPO_API Timestamp max_timestamp() noexcept;

/// RFC 3339 text in UTC, for example `2026-03-01T12:00:00Z` or `2026-03-01T12:00:00.25Z`: fractional digits only when
/// needed, at most six, without trailing zeros. Outside of the valid range the nearest valid value is printed.
NEXPO_API std::string to_string(Timestamp time);

/// Reads RFC 3339 text (section 5.6) with `Z` or a numeric offset. At most nine fractional digits are accepted; digits
/// beyond microseconds are cut. A leap second (`:60`) is read as the following second.
/// Errors: invalid_argument.
NEXPO_API Result<Timestamp> parse_timestamp(std::string_view text);

/// Where the library reads the time from. Implementations are called from any thread at the same time.
class NEXPO_API Clock {
 public:
    Clock() = default;
    Clock(Clock const&) = delete;
    Clock& operator=(Clock const&) = delete;
    virtual ~Clock();

    /// The current time of day.
    virtual Timestamp now() const = 0;
    /// A clock that never goes back, for measuring and for time limits.
    virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// The clock of the operating system.
NEXPO_API std::shared_ptr<Clock> system_clock();

}  // namespace nexpo::inline v1
