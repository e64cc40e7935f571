// SPDX-License-Identifier: Apache-2.0
#include "calls/backend.hpp"

#include <atomic>
#include <random>
#include <thread>

#include "base/hex.hpp"

namespace nexpo::bench {

Config open_config(Options const& options) {
    Config config{.database = options.database};
    config.auth.open_registration = true;
    config.limits.address_per_minute = 0;
    config.limits.account_per_minute = 0;
    config.limits.caller_per_minute = 0;
    return config;
}

Backend open_backend(Options const& options) {
    return Backend::open(open_config(options)).value();
}

std::string random_name() {
    thread_local std::mt19937_64 engine(std::random_device{}());
    std::array<std::uint64_t, 2> const number = {engine(), engine()};
    return base::hex_encode(std::as_bytes(std::span(number)));
}

void add_users(Users const& users, std::size_t count) {
    constexpr std::size_t kCallers = 64;  // commits are made in groups
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) {
        callers.emplace_back([&] {
            while (next++ < count) {
                users.create({.email = random_name() + "@example.com", .name = "Ada Lovelace"}).value();
            }
        });
    }
}

std::vector<std::string> filled_organization(Backend const& backend, Options const& options) {
    auto const users = backend.as_system(kOrganization).users();
    auto const first = users.list({.limit = 1});
    if (!first && first.error().reason == "organization_not_found") add_users(users, options.users);
    std::vector<std::string> ids;
    std::optional<std::string> cursor;
    do {
        auto page = users.list({.limit = kMaxPageLimit, .cursor = cursor}).value();
        for (auto& user : page.items) ids.push_back(std::move(user.id));
        cursor = page.next;
    } while (cursor);
    return ids;
}

}  // namespace nexpo::bench
