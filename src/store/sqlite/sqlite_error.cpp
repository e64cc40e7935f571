// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_error.hpp"

#include <sqlite3.h>
#include <SQLiteCpp/SQLiteCpp.h>

namespace nexpo::store {

Error read_only_error() {
    return {Errc::unavailable, "storage_read_only", "the database cannot be opened for writing"};
}

Error sqlite_error(SQLite::Exception const& exception, std::string_view what) {
    using std::chrono::milliseconds;
    switch (exception.getErrorCode()) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:  // another process held the write-ahead log's locks for too long
            return {Errc::unavailable,
                    "database_busy",
                    "the database is locked by another process",
                    {},
                    milliseconds(1000)};
        case SQLITE_FULL:
            return {Errc::unavailable, "storage_full", "the disk of the database is full"};
        case SQLITE_IOERR:
        case SQLITE_NOMEM:
            return {Errc::unavailable, "storage_failed", "the disk of the database does not answer"};
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return read_only_error();
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {Errc::data_loss, "database_damaged", "the file is damaged or not a database"};
        case SQLITE_INTERRUPT:
            return {Errc::cancelled, "call_stopped", "the call was stopped"};
        case SQLITE_CONSTRAINT: {
            auto const code = exception.getExtendedErrorCode();
            if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                code == SQLITE_CONSTRAINT_ROWID) {
                return {Errc::already_exists, "conflict", "a record with these values exists"};
            }
            return {Errc::failed_precondition, "constraint_violated", "a rule of the database forbids this"};
        }
        default:
            return {Errc::internal, "sql_failed", std::string(what) + ": " + exception.what()};
    }
}

}  // namespace nexpo::store
