// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace nexpo::base {

namespace {

std::atomic<int> generation = 0;

void count_fork() noexcept {
    generation.fetch_add(1, std::memory_order_relaxed);
}

/// Before anybody has asked nobody can have forked away from what he asked for.
bool const is_watching = pthread_atfork(nullptr, nullptr, &count_fork) == 0;

}  // namespace

int process_generation() noexcept {
    return is_watching ? generation.load(std::memory_order_relaxed) : -1;
}

unsigned usable_processors() noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
    return std::max(1U, std::thread::hardware_concurrency());  // more processors than the set has room for
}

}  // namespace nexpo::base
