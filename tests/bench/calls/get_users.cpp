// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "calls/backend.hpp"
#include "calls/raw_sqlite.hpp"

namespace nexpo::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view kSqlite = "sqlite:";
constexpr std::size_t kSlice = 2'000;

/// The same users in the same order for both.
std::vector<std::string> some_of(std::vector<std::string> const& ids, std::mt19937_64& engine) {
    std::uniform_int_distribution<std::size_t> index(0, ids.size() - 1);
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < kSlice; ++i) chosen.push_back(ids[index(engine)]);
    return chosen;
}

/// One caller and raw SQLite in turns, so that what the machine does meanwhile meets both.
Sides compare(Options const& options, Users const& users, std::vector<std::string> const& ids) {
    RawSqlite raw(options.database.substr(kSqlite.size()));
    auto const organization_id = users.get({.id = ids.front()}).value().organization_id;
    std::mt19937_64 engine(7);
    std::size_t found = 0;
    Work ours;
    Work theirs;
    auto const slice = [&] {
        auto const chosen = some_of(ids, engine);
        ours.time += timed([&] {
            for (auto const& id : chosen) found += users.get({.id = id}).value().id == id ? 1 : 0;
        });
        theirs.time += timed([&] {
            for (auto const& id : chosen) found += raw.get(id, organization_id).id == id ? 1 : 0;
        });
        ours.count += kSlice;
        theirs.count += kSlice;
    };
    for (int i = 0; i < 3; ++i) slice();  // fills both caches
    ours = {};
    theirs = {};
    found = 0;
    while (ours.time + theirs.time < 2 * options.time) slice();
    if (found != 2 * ours.count) throw std::runtime_error("a user was not found");
    return {.ours = ours, .theirs = theirs};
}

/// Many callers; another program is their peer.
Sides run_together(Options const& options, Users const& users, std::vector<std::string> const& ids) {
    auto const time = std::chrono::duration_cast<Clock::duration>(options.time);
    auto const start = Clock::now() + time / 4;  // opens the connections
    auto const end = start + time;
    std::atomic<std::size_t> read = 0;
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < options.callers; ++i) {
        callers.emplace_back([&, i] {
            std::mt19937_64 engine(i);
            std::uniform_int_distribution<std::size_t> index(0, ids.size() - 1);
            while (true) {
                users.get({.id = ids[index(engine)]}).value();
                auto const now = Clock::now();
                if (now >= end) return;
                if (now >= start) ++read;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    return {.ours = {.count = read, .time = options.time}, .theirs = {}};
}

}  // namespace

Sides measure_get_users(Options const& options) {
    auto const backend = open_backend(options);
    auto const ids = filled_organization(backend, options);
    auto const users = backend.as_system(kOrganization).users();
    bool const is_sqlite = options.database.starts_with(kSqlite);
    return is_sqlite ? compare(options, users, ids) : run_together(options, users, ids);
}

}  // namespace nexpo::bench
