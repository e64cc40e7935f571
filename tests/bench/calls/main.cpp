// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string_view>

#include "calls/backend.hpp"

namespace nexpo::bench {

namespace {

constexpr char kUsage[] =
    "Usage: nexpo_bench_calls CASE --database URL [--seconds S] [--callers N] [--users N] [--jobs N]\n"
    "\n"
    "Measures calls in this process and writes what it found as one line of JSON, in calls per second.\n"
    "CASE is create_users, get_users, unseen_tokens, unseen_authentications, seen_tokens, enqueue_jobs or "
    "process_jobs;\n"
    "or start_jobs or claim_jobs, of which the median and the 99th percentile are written, in milliseconds.\n";

struct Case {
    std::string_view name;
    Sides (*measure)(Options const&);
};

constexpr Case kCases[] = {
    {"create_users", measure_create_users},   {"get_users", measure_get_users},
    {"unseen_tokens", measure_unseen_tokens}, {"unseen_authentications", measure_unseen_authentications},
    {"seen_tokens", measure_seen_tokens},     {"enqueue_jobs", measure_enqueue_jobs},
    {"process_jobs", measure_process_jobs}};

struct DelayCase {
    std::string_view name;
    Delays (*measure)(Options const&);
};

constexpr DelayCase kDelayCases[] = {{"start_jobs", measure_start_jobs}, {"claim_jobs", measure_claim_jobs}};

Options read_options(std::span<char const* const> arguments) {
    Options options;
    for (; arguments.size() >= 2; arguments = arguments.subspan(2)) {
        std::string_view const name = arguments[0];
        std::string const value = arguments[1];
        if (name == "--database") {
            options.database = value;
        } else if (name == "--seconds") {
            options.time = std::chrono::duration<double>(std::stod(value));
        } else if (name == "--callers") {
            options.callers = std::stoul(value);
        } else if (name == "--users") {
            options.users = std::stoul(value);
        } else if (name == "--jobs") {
            options.jobs = std::stoul(value);
        } else {
            throw std::invalid_argument("unknown option " + std::string(name));
        }
    }
    if (!arguments.empty() || options.database.empty()) throw std::invalid_argument(kUsage);
    return options;
}

void print(Delays delays) {
    std::ranges::sort(delays);
    std::cout << "{\"p50\": " << delays[delays.size() / 2] << ", \"p99\": " << delays[delays.size() * 99 / 100]
              << "}\n";
}

void run(std::span<char const* const> arguments) {
    auto const name = arguments.empty() ? std::string_view() : std::string_view(arguments[0]);
    auto const delays = std::ranges::find(kDelayCases, name, &DelayCase::name);
    if (delays != std::end(kDelayCases)) return print(delays->measure(read_options(arguments.subspan(1))));
    auto const found = std::ranges::find(kCases, name, &Case::name);
    if (found == std::end(kCases)) throw std::invalid_argument(kUsage);
    auto const sides = found->measure(read_options(arguments.subspan(1)));
    std::cout << "{\"ours\": " << sides.ours.per_second();
    if (sides.theirs) std::cout << ", \"theirs\": " << sides.theirs->per_second();
    std::cout << "}\n";
}

}  // namespace

}  // namespace nexpo::bench

int main(int count, char** arguments) {
    try {
        nexpo::bench::run({arguments + 1, arguments + std::max(count, 1)});
        return 0;
    } catch (std::exception const& exception) {
        std::cerr << "nexpo_bench_calls: " << exception.what() << '\n';
        return 1;
    }
}
