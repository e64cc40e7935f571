// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "power_loss/recording.hpp"
#include "power_loss/replay.hpp"

namespace {

using namespace nexpo::power_loss;

constexpr auto* kUsage =
    "Usage: nexpo_power_loss [--seconds N] [--seed S] [--full] [--lying-disk]\n\n"
    "Records what a backend writes under load, cuts the power all along it, and judges what is left.\n\n"
    "  --seconds N    go on with new seeds until N seconds are over; otherwise one round\n"
    "  --seed S       the first seed; each round counts it up\n"
    "  --full         cut at every sync and every few writes, instead of a sample\n"
    "  --lying-disk   a disk that ignores syncs: succeeds when that is found out\n";

struct Options {
    std::uint64_t seed = 1;
    std::chrono::seconds time{0};
    bool full = false;
    bool lying = false;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--full") {
            options.full = true;
        } else if (word == "--lying-disk") {
            options.lying = true;
        } else if (word == "--seconds" && i + 1 < argc) {
            options.time = std::chrono::seconds(std::stoll(argv[++i]));
        } else if (word == "--seed" && i + 1 < argc) {
            options.seed = std::stoull(argv[++i]);
        } else {
            std::fputs(kUsage, stderr);
            std::exit(2);
        }
    }
    return options;
}

struct Totals {
    ReplayResult sum{};
    std::size_t rounds = 0;

    void add(ReplayResult const& result) {
        ++rounds;
        sum.verdict.merge(result.verdict);
        sum.places += result.places;
        sum.images += result.images;
        sum.repeats += result.repeats;
        sum.answered += result.answered;
    }
};

int run(Options const& options) {
    using Clock = std::chrono::steady_clock;
    auto const end = Clock::now() + options.time;
    bool const timed = options.time.count() > 0;
    Totals totals;
    auto seed = options.seed;
    do {
        // Every third round has a disk that refuses some syncs.
        auto const log = record({.seed = seed, .fail_every_sync = seed % 3 == 0 ? 7U : 0U});
        ReplayOptions replaying{.seed = seed, .honest = !options.lying, .every = options.full ? 1U : 40U};
        if (options.lying) replaying.stop_after_violations = 1;
        if (timed) replaying.until = end;
        totals.add(replay(*log, replaying));
        ++seed;
    } while (timed && Clock::now() < end && (!options.lying || totals.sum.verdict.clean()));
    auto const& sum = totals.sum;
    std::printf("seeds %llu-%llu answered %zu places %zu images %zu repeats %zu %s\n",
                static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(seed - 1), sum.answered,
                sum.places, sum.images, sum.repeats, sum.verdict.summary().c_str());
    for (auto const& finding : sum.verdict.findings) std::printf("  %s\n", finding.c_str());
    return sum.verdict.clean() != options.lying ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try { return run(parse(argc, argv)); } catch (std::exception const& exception) {
    std::fprintf(stderr, "%s\n", exception.what());
    return 2;
}
