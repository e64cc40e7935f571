// SPDX-License-Identifier: Apache-2.0
#include "calls/backend.hpp"

#include <atomic>
#include <random>
#include <thread>

#include "base/hex.hpp"

namespace nexpo::bench {

Backend open_backend(Options const& options) {
    Config config{.database = options.database};
    config.auth.open_registration = true;
    config.limits.address_per_minute = 0;
    config.limits.account_per_minute = 0;
    config.limits.caller_per_minute = 0;
    return Backend::open(std::move(config)).value();
}

std::string random_name() {
    thread_local std::mt19937_64 engine(std::random_device{}());
    std::array<std::uint64_t, 2> const number = {engine(), engine()};
    return base::hex_encode(std::as_bytes(std::span(number)));
}

std::vector<std::string> filled_organization(Backend const& backend, Options const& options) {
    auto const users = backend.as_system(kOrganization).users();
    constexpr std::size_t kFillers = 64;
    bool const is_empty = !users.list({.limit = 1}) || users.list({.limit = 1}).value().items.empty();
    if (is_empty) {
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> fillers;
        for (std::size_t i = 0; i < kFillers; ++i) {
            fillers.emplace_back([&] {
                while (next++ < options.users) {
                    users.create({.email = random_name() + "@example.com", .name = "Ada Lovelace"}).value();
                }
            });
        }
    }
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
