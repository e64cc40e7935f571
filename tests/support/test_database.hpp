// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "nexpo/config.hpp"
#include "store/store.hpp"
#include "support/temp_dir.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::inline v1::testing {

/// Whether the tests run on PostgreSQL (`NEXPO_TEST_DATABASE=postgresql`) instead of SQLite.
inline bool on_postgresql() {
    auto const* database = std::getenv("NEXPO_TEST_DATABASE");
    return database != nullptr && std::string_view(database) == "postgresql";
}

/// An empty database of its own for one test: a file, or one on the tests' PostgreSQL server, where the tables belong
/// to one role and are used by another, so that row-level security acts.
class TestDatabase {
 public:
    TestDatabase() {
        if (on_postgresql()) postgresql_ = std::make_unique<PostgresDatabase>();
    }

    std::string url() const { return postgresql_ ? postgresql_->url() : "sqlite:" + file(); }
    /// Empty for a file.
    std::string owner_url() const { return postgresql_ ? postgresql_->url("nexpo_owner") : std::string(); }
    std::string file() const { return directory_.file("nexpo.db"); }
    TempDir const& directory() const noexcept { return directory_; }

    store::StoreOptions options(store::StoreOptions options = {}) const {
        options.url = url();
        options.owner_url = Secret(owner_url());
        if (!options.clock) options.clock = system_clock();
        return options;
    }
    void configure(Config& config) const {
        config.database = url();
        config.database_owner = Secret(owner_url());
    }

 private:
    TempDir directory_;
    std::unique_ptr<PostgresDatabase> postgresql_;
};

}  // namespace nexpo::inline v1::testing
