// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "drivers/queue/nats_connection.hpp"

namespace nexpo::drivers {

TEST(NatsMessage, KnowsWhereItComesFrom) {
    // NATS ADR-15: the old form, and the one with domain and account.
    for (std::string const reply :
         {"$JS.ACK.s.c.3.41.7.1700000000123456789.2", "$JS.ACK._.hash.s.c.3.41.7.1700000000123456789.2",
          "$JS.ACK.hub.hash.s.c.3.41.7.1700000000123456789.2.token"}) {
        auto const origin = NatsMessage{.reply = reply}.origin();
        ASSERT_TRUE(origin) << reply;
        EXPECT_EQ(origin->deliveries, 3);
        EXPECT_EQ(origin->sequence, 41U);
        EXPECT_EQ(origin->stored, Timestamp(std::chrono::microseconds(1'700'000'000'123'456)));
    }
}

TEST(NatsMessage, ComesFromNowhereElse) {
    for (std::string const reply :
         {"", ".", "_INBOX.1", "$JS.ACK", "$JS.ACK.s.c.3.41.7.1.2.3", "$JS.ACK.s.c.0.41.7.1.2",
          "$JS.ACK.s.c.x.41.7.1.2", "$JS.ACK.s.c.3.-1.7.1.2", "$JS.ACK.s.c.3.41.7..2", "$JS.NAK.s.c.3.41.7.1.2",
          "$JS.ACK.s.c.99999999999999999999.41.7.1.2"}) {
        EXPECT_FALSE(NatsMessage{.reply = reply}.origin()) << reply;
    }
}

}  // namespace nexpo::drivers
