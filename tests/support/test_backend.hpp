// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "nexpo/nexpo.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "support/test_database.hpp"

namespace nexpo::inline v1::testing {

/// A backend on a database of its own, with a clock that stands still and a log that is kept.
struct TestBackend {
    /// `adjust` may change the configuration before the backend is opened.
    explicit TestBackend(void (*adjust)(Config&) = nullptr) : backend(open(adjust)) {}

    Config config(void (*adjust)(Config&)) const {
        Config config;
        database.configure(config);
        config.auth.open_registration = true;
        config.limits = {
            .address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0, .failed_identity_per_minute = 0};
        config.work.housekeeping = false;
        config.threads.jobs = 0;
        config.log = log;
        config.clock = clock;
        if (adjust != nullptr) adjust(config);
        return config;
    }

    /// A signed-up person with an organization of their own.
    Tokens sign_up(std::string const& email) const {
        return backend.as_anonymous().auth().sign_up({.email = email, .password = "correct horse"}).value();
    }

    /// What the holder of the access token may call.
    Api as(Tokens const& tokens) const { return backend.authenticate(Secret(tokens.access_token)).value(); }

    TestDatabase database;
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    std::shared_ptr<MemoryLog> log = std::make_shared<MemoryLog>(LogLevel::info);
    Backend backend;

 private:
    Backend open(void (*adjust)(Config&)) const { return Backend::open(config(adjust)).value(); }
};

}  // namespace nexpo::inline v1::testing
