// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "simulation/tasks.hpp"
#include "support/temp_dir.hpp"

namespace {

constexpr char const* kUsage =
    R"(Usage: nexpo_simulation [--scenarios N] [--seed S] [--sabotage]

Runs the work engine on several simulated nodes with crashes, lost leases, failing commits, commits whose answers are
lost, late commits and clocks that are set back. The order of everything follows from the seed alone.

  --scenarios N  how many, 10,000 unless told
  --seed S       the first seed, 1 unless told; each scenario counts it up
  --sabotage     a database that keeps what it should take back: succeeds when that is found out
)";

bool read_number(char const* text, std::uint64_t& number) {
    auto const* end = text + std::strlen(text);
    auto const [at, error] = std::from_chars(text, end, number);
    return error == std::errc() && at == end;
}

}  // namespace

int main(int count, char** arguments) {
    std::uint64_t scenarios = 10'000;
    std::uint64_t seed = 1;
    bool sabotage = false;
    for (int i = 1; i < count; ++i) {
        std::string_view const option = arguments[i];
        if (option == "--sabotage") {
            sabotage = true;
        } else if (i + 1 < count && option == "--scenarios" && read_number(arguments[i + 1], scenarios)) {
            ++i;
        } else if (i + 1 < count && option == "--seed" && read_number(arguments[i + 1], seed)) {
            ++i;
        } else {
            std::fputs(kUsage, stderr);
            return 2;
        }
    }
    nexpo::testing::TempDir const directory;
    auto simulation = nexpo::simulation::task_simulation(directory.file("simulation.db"));
    simulation.sabotage = sabotage;
    auto const begin = std::chrono::steady_clock::now();
    auto const report = simulation.run(seed, scenarios).value();
    if (report.violation) {
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(*report.seed), report.violation->c_str());
        if (sabotage) return 0;
        std::printf("again: nexpo_simulation --scenarios 1 --seed %llu\n",
                    static_cast<unsigned long long>(*report.seed));
        return 1;
    }
    if (sabotage) {
        std::puts("the sabotage was not found out");
        return 1;
    }
    std::chrono::duration<double> const time = std::chrono::steady_clock::now() - begin;
    std::printf("%llu scenarios from seed %llu without a violation, %.0f a second\n",
                static_cast<unsigned long long>(scenarios), static_cast<unsigned long long>(seed),
                static_cast<double>(scenarios) / time.count());
    return 0;
}
