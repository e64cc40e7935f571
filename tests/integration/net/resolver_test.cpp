// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>
#include <string>

#include "name_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

/// The system's resolver, asked by users, and a name server that may be slow.
struct Asking {
    explicit Asking(SystemResolverOptions const& options)
        : resolver(system_resolver(options, system_clock()).value()) {}

    void ask(std::string const& host, std::stop_token stop = {}) {
        resolver->resolve(host, UrlSource::user, std::move(stop),
                          [this, host](Result<std::vector<IpAddress>> const& addresses) {
                              answered.put(addresses ? host : host + ' ' + addresses.error().reason);
                          });
    }

    NameServer names{{kPublic}};
    Mailbox<std::string> answered;
    std::shared_ptr<Resolver> resolver;
};

void give_up(testing::TempDir const& directory) {
    ASSERT_TRUE(replace_names(directory));
    Asking users({.threads = 2, .queue = 1});
    users.ask("slow.one.test");
    EXPECT_EQ(users.names.asked.take(), "slow.one.test");
    std::stop_source given_up;
    users.ask("gone.two.test", given_up.get_token());
    users.ask("busy.three.test");
    EXPECT_EQ(users.answered.take(), "busy.three.test client_busy");
    given_up.request_stop();
    users.ask("next.three.test");
    users.names.release();
    EXPECT_EQ(users.names.asked.take(), "next.three.test");
    for (int i = 0; i < 2; ++i) users.answered.take();
    users.ask("gone.two.test");
    EXPECT_EQ(users.answered.take(), "gone.two.test") << "somebody else may ask";
}

void take_turns(testing::TempDir const& directory) {
    ASSERT_TRUE(replace_names(directory));
    {
        Asking users({.threads = 3, .queue = 16});
        users.ask("slow.tarpit.test");
        EXPECT_EQ(users.names.asked.take(), "slow.tarpit.test");
        for (auto const* const host : {"b.tarpit.test", "c.tarpit.test", "d.tarpit.test"}) users.ask(host);
        EXPECT_EQ(users.answered.take(), "d.tarpit.test client_busy") << "the queue is not for one zone alone";
        users.ask("a.other.test");
        EXPECT_EQ(users.answered.take(), "a.other.test") << "nor are the threads";
        EXPECT_EQ(users.names.asked.take(), "a.other.test");
        users.names.release();
        for (auto const* const host : {"b.tarpit.test", "c.tarpit.test"}) EXPECT_EQ(users.names.asked.take(), host);
    }
    Asking users({.threads = 2});
    users.ask("slow.tarpit.co.uk");
    EXPECT_EQ(users.names.asked.take(), "slow.tarpit.co.uk");
    for (auto const* const host :
         {"b.tarpit.co.uk", "c.tarpit.co.uk", "d.tarpit.co.uk", "a.other.co.uk", "a.third.test"}) {
        users.ask(host);
    }
    users.names.release();
    for (auto const* const host :
         {"b.tarpit.co.uk", "a.other.co.uk", "a.third.test", "c.tarpit.co.uk", "d.tarpit.co.uk"}) {
        EXPECT_EQ(users.names.asked.take(), host);
    }
}

TEST(Resolver, ForgetsWhatNobodyWaitsFor) {
    int const status = run_isolated(&give_up);
    if (status == kCannotIsolate) GTEST_SKIP() << "this system gives no network namespace";
    EXPECT_EQ(status, 0);
}

TEST(Resolver, LetsZonesTakeTurns) {
    int const status = run_isolated(&take_turns);
    if (status == kCannotIsolate) GTEST_SKIP() << "this system gives no network namespace";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nexpo::net
