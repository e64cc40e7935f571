// SPDX-License-Identifier: Apache-2.0
#include "work/backoff.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nexpo::work {

std::chrono::microseconds backoff(JobKind const& kind, std::int64_t attempt,
                                  std::optional<std::chrono::milliseconds> least, Random& random) {
    std::chrono::microseconds const limit = kind.backoff_limit;
    std::chrono::microseconds longest = kind.backoff;
    for (std::int64_t i = 1; i < attempt && longest < limit; ++i) longest *= 2;
    longest = std::min(longest, limit);
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    std::uint64_t number = 0;
    for (auto const byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
    std::chrono::microseconds const pause{
        static_cast<std::int64_t>(number % (static_cast<std::uint64_t>(longest.count()) + 1))};
    return least ? std::max<std::chrono::microseconds>(pause, *least) : pause;
}

}  // namespace nexpo::work
