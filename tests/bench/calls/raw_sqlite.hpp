// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "nexpo/user.hpp"

namespace nexpo::bench {

/// Reads users with SQLite's C interface and nothing else: one connection, one prepared statement, the same settings,
/// the same row as a `User`.
class RawSqlite {
 public:
    explicit RawSqlite(std::string const& path);

    /// The user with this id in the organization.
    User get(std::string const& id, std::string const& organization_id);

 private:
    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };

    std::unique_ptr<sqlite3, Close> database_;
    std::unique_ptr<sqlite3_stmt, Close> statement_;
};

}  // namespace nexpo::bench
