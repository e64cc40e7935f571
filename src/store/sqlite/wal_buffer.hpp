// SPDX-License-Identifier: Apache-2.0
#pragma once

struct sqlite3;

namespace nexpo::store {

/// From now on what this connection adds to the write-ahead log is put together in memory and reaches the file in few
/// large writes, at the latest before the flush that makes a commit durable. SQLite alone makes two writes for each
/// page, a sixth of the time of a busy writer. Only for a connection with `synchronous=FULL`: others read nothing of
/// the log that is not flushed. False when the database has no log.
bool buffer_write_ahead_log(sqlite3* database);

}  // namespace nexpo::store
