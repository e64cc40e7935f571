// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {

/// A PostgreSQL server that listens on a socket in a directory. Roles: `postgres` (super-user), `nexpo_owner` and
/// `nexpo_app`, all without password.
class PostgresServer {
 public:
    /// A private one, removed at the end. Settings as `name=value`.
    explicit PostgresServer(std::vector<std::string> const& settings = {});
    /// A standby of another one.
    static PostgresServer standby_of(PostgresServer const& primary) { return PostgresServer(&primary); }
    PostgresServer(PostgresServer const&) = delete;
    PostgresServer& operator=(PostgresServer const&) = delete;
    ~PostgresServer();

    void stop(std::string const& mode = "fast") const;
    void start() const;
    void promote() const;
    /// Its processes stand still: connections stay, answers do not come.
    void freeze() const;
    void thaw() const;

    std::string const& directory() const noexcept { return directory_; }
    /// `postgresql://role@…/database` with the given parameters.
    std::string url(std::string_view role, std::string_view database, std::string_view parameters = {}) const;
    /// Runs statements as super-user and answers the first column of the first row.
    std::string run(std::string const& sql, std::string const& database = "postgres") const;

    /// Shell commands for the server in a directory: all its processes die at once; it starts and recovers.
    static std::string crash_command(std::string const& directory);
    static std::string start_command(std::string const& directory);

    /// Where the server that all tests share listens.
    static std::string shared_directory();
    static std::string url_at(std::string const& directory, std::string_view role, std::string_view database,
                              std::string_view parameters = {});
    static std::string run_at(std::string const& directory, std::string const& sql, std::string const& database,
                              std::string const& port = "5432");

 private:
    explicit PostgresServer(PostgresServer const* primary);

    TempDir parent_;
    std::string directory_;
};

/// A database on a server, with `nexpo_owner` as its owner, dropped at the end.
class PostgresDatabase {
 public:
    explicit PostgresDatabase(std::string directory = PostgresServer::shared_directory());
    PostgresDatabase(PostgresDatabase const&) = delete;
    PostgresDatabase& operator=(PostgresDatabase const&) = delete;
    ~PostgresDatabase();

    std::string url(std::string_view role = "nexpo_app", std::string_view parameters = {}) const {
        return PostgresServer::url_at(directory_, role, name_, parameters);
    }
    std::string const& name() const noexcept { return name_; }
    std::string run(std::string const& sql) const { return PostgresServer::run_at(directory_, sql, name_); }

 private:
    std::string directory_;
    std::string name_;
};

}  // namespace nexpo::inline v1::testing
