// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "integration/postgresql/server_store.hpp"
#include "support/child_process.hpp"

namespace nexpo::inline v1::testing {

namespace {

// In a process of its own, because the environment belongs to all threads.
TEST(PostgresEnvironment, SteersNothing) {
    PostgresDatabase const database;
    ChildProcess child([&] {
        for (auto const& [name, value] : {std::pair("PGHOST", "192.0.2.1"),
                                          std::pair("PGHOSTADDR", "192.0.2.1"),
                                          std::pair("PGPORT", "1"),
                                          std::pair("PGUSER", "postgres"),
                                          std::pair("PGPASSWORD", "x"),
                                          std::pair("PGDATABASE", "postgres"),
                                          std::pair("PGPASSFILE", "/etc/passwd"),
                                          std::pair("PGOPTIONS", "-c search_path=nowhere"),
                                          std::pair("PGAPPNAME", "other"),
                                          std::pair("PGSSLMODE", "verify-full"),
                                          std::pair("PGREQUIRESSL", "1"),
                                          std::pair("PGSSLROOTCERT", "/etc/passwd"),
                                          std::pair("PGSSLCERT", "/etc/passwd"),
                                          std::pair("PGREQUIREPEER", "nobody"),
                                          std::pair("PGCLIENTENCODING", "LATIN1"),
                                          std::pair("PGTARGETSESSIONATTRS", "standby"),
                                          std::pair("PGGSSENCMODE", "require"),
                                          std::pair("PGCHANNELBINDING", "require"),
                                          std::pair("PGCONNECT_TIMEOUT", "1"),
                                          std::pair("PGTZ", "Asia/Tokyo"),
                                          std::pair("PGDATESTYLE", "German"),
                                          std::pair("HOME", "/nowhere")}) {
            ASSERT_EQ(setenv(name, value, 1), 0);
        }
        ServerStore const store({.url = database.url("nexpo_owner")});
        EXPECT_TRUE(store.add("ä€"));
        EXPECT_EQ(store.one<std::string>("SELECT name FROM items").value(), "ä€");
        for (auto const& [setting, value] :
             {std::pair("application_name", "nexpo"), std::pair("client_encoding", "UTF8"),
              std::pair("TimeZone", "UTC"), std::pair("search_path", "\"$user\", public")}) {
            EXPECT_EQ(store.one<std::string>("SELECT current_setting('" + std::string(setting) + "')").value(), value);
        }
    });
    EXPECT_EQ(child.wait(), 0);
}

}  // namespace

}  // namespace nexpo::inline v1::testing
