// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/nexpo.hpp"

namespace nexpo::bench {

/// What the command line asks for.
struct Options {
    std::string database;                   ///< As in `Config`.
    std::chrono::duration<double> time{1};  ///< How long each side is measured.
    std::size_t callers = 1;                ///< Threads that call at the same time.
    std::size_t users = 10'000;             ///< Rows of the organization.
    std::size_t jobs = 20'000;              ///< Background jobs.
};

/// What was done, and in what time.
struct Work {
    std::size_t count = 0;
    std::chrono::duration<double> time{};

    double per_second() const { return static_cast<double>(count) / time.count(); }
};

/// One measurement; the peer is absent where another program is it.
struct Sides {
    Work ours;
    std::optional<Work> theirs;
};

/// Samples in milliseconds.
using Delays = std::vector<double>;

/// As an application opens it, but that nothing is limited.
Config open_config(Options const& options);
Backend open_backend(Options const& options);

/// A name for an address or a password that nobody has had before.
std::string random_name();

/// Adds so many users to their organization.
void add_users(Users const& users, std::size_t count);

/// The ids of all users of the organization `bench`, which gets as many as the options say if it is missing.
std::vector<std::string> filled_organization(Backend const& backend, Options const& options);

/// Runs and times a function.
template <class F>
std::chrono::duration<double> timed(F&& function) {
    auto const start = std::chrono::steady_clock::now();
    function();
    return std::chrono::steady_clock::now() - start;
}

/// The organization of the calls.
inline constexpr char kOrganization[] = "bench";

Sides measure_create_users(Options const& options);
Sides measure_get_users(Options const& options);
Sides measure_unseen_tokens(Options const& options);
Sides measure_unseen_authentications(Options const& options);
Sides measure_seen_tokens(Options const& options);
Sides measure_enqueue_jobs(Options const& options);
Sides measure_process_jobs(Options const& options);
Delays measure_start_jobs(Options const& options);
Delays measure_claim_jobs(Options const& options);

}  // namespace nexpo::bench
