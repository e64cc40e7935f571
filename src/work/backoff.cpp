// SPDX-License-Identifier: Apache-2.0
#include "work/backoff.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nexpo::work {

namespace {

using std::chrono::microseconds;

/// What a handler passes on comes from others: a service that says "in ten thousand years".
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 365);

/// From nothing to `longest`, both included.
microseconds random_time(microseconds longest, Random& random) {
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    std::uint64_t number = 0;
    for (auto const byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
    return microseconds(static_cast<std::int64_t>(number % (static_cast<std::uint64_t>(longest.count()) + 1)));
}

microseconds pause_after(JobKind const& kind, std::int64_t attempt, Random& random) {
    if (!kind.delays.empty()) {
        auto const last = static_cast<std::int64_t>(kind.delays.size()) - 1;
        microseconds const delay =
            kind.delays[static_cast<std::size_t>(std::clamp<std::int64_t>(attempt - 1, 0, last))];
        return delay + random_time(delay / 10, random);
    }
    microseconds const limit = kind.backoff_limit;
    microseconds longest = kind.backoff;
    for (std::int64_t i = 1; i < attempt && longest < limit; ++i) longest *= 2;
    return random_time(std::min(longest, limit), random);
}

}  // namespace

std::chrono::microseconds backoff(JobKind const& kind, std::int64_t attempt,
                                  std::optional<std::chrono::milliseconds> least, Random& random) {
    auto const pause = pause_after(kind, attempt, random);
    return least ? std::max<microseconds>(pause, std::min(*least, kLongestWait)) : pause;
}

}  // namespace nexpo::work
