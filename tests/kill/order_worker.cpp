// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kill/order_rig.hpp"
#include "support/durability/order.hpp"

namespace nexpo::kill {

namespace {

using durability::Order;
using durability::Placed;

constexpr int kJobThreads = 2;

/// See worker.cpp. The line is shorter than PIPE_BUF.
void tell(std::string line) {
    line += '\n';
    if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(3);
}

/// False when the one who started us has ended.
bool pause_a_moment() {
    pollfd ended{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return poll(&ended, 1, 20) == 0;
}

/// Repeats until the database answers; nothing when it refuses.
Result<Placed> place(Api const& api, Order const& order) {
    auto const keyed = api.with({.idempotency_key = order.name});
    while (true) {
        auto placed = keyed.call<Placed>("orders.place", order);
        if (placed || placed.error().code != Errc::unavailable) return placed;
        if (!pause_a_moment()) return placed;
    }
}

void drive(Backend const& backend, durability::OrderScript const& script, int caller) {
    auto const api = backend.as_system("acme");
    for (int number = 0; number < std::numeric_limits<int>::max(); ++number) {
        auto const order = script.order(caller, number);
        tell("b " + order.name);
        auto const placed = place(api, order);
        if (!placed) {
            std::fprintf(stderr, "an order was refused: %s\n", placed.error().reason.c_str());
            continue;
        }
        std::string line = "a " + order.name;
        for (auto const& job : placed->jobs) line += " " + job;
        tell(line);
        if (!order.later) continue;
        auto const cancelled = api.jobs().cancel({.id = placed->jobs.front()});
        if (cancelled && cancelled->state == JobState::cancelled) tell("c " + cancelled->id);
    }
}

}  // namespace

int run_order_worker(std::string const& database, std::string const& owner, durability::OrderScript const& script,
                     int first_caller, int callers, bool careless) {
    auto const door = careless ? std::make_shared<std::function<Api()>>() : nullptr;
    auto config = durability::order_config(database, owner, door);
    config.threads.jobs = kJobThreads;
    std::optional<Backend> opened;
    if (careless) {
        *door = [&opened] { return opened->as_system("acme"); };
        config.threads.jobs = 0;  // handlers need the backend, which is there after it has been opened
    }
    auto backend = Backend::open(std::move(config));
    if (!backend) {
        std::fprintf(stderr, "%s\n", backend.error().message.c_str());
        return 1;
    }
    opened = *backend;
    tell("ready");
    std::vector<std::jthread> threads;
    for (int i = 0; i < callers; ++i) {
        threads.emplace_back([&, caller = first_caller + i] { drive(*opened, script, caller); });
    }
    for (int i = 0; careless && i < kJobThreads; ++i) {
        threads.emplace_back([&] {
            while (pause_a_moment()) static_cast<void>(opened->work({}));
        });
    }
    return 0;
}

}  // namespace nexpo::kill
