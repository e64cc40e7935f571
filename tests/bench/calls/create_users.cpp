// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>
#include <vector>

#include "calls/backend.hpp"

namespace nexpo::bench {

/// Profiles without password under random addresses; the library makes the ids, which ascend with time.
Sides measure_create_users(Options const& options) {
    using Clock = std::chrono::steady_clock;
    auto const backend = open_backend(options);
    auto const users = backend.as_system(kOrganization).users();
    users.create({.email = random_name() + "@example.com"}).value();  // the organization, too

    auto const time = std::chrono::duration_cast<Clock::duration>(options.time);
    auto const start = Clock::now() + time / 4;  // the first calls fill the caches
    auto const end = start + time;
    std::atomic<std::size_t> created = 0;
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < options.callers; ++i) {
        callers.emplace_back([&] {
            while (true) {
                users.create({.email = random_name() + "@example.com", .name = "Ada Lovelace"}).value();
                auto const now = Clock::now();
                if (now >= end) return;
                if (now >= start) ++created;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    return {.ours = {.count = created, .time = options.time}, .theirs = {}};
}

}  // namespace nexpo::bench
