// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::store {

/// What an SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html) means to the caller. `message` is the
/// server's, for `internal` errors only, which go to the log.
Error pg_error(std::string_view state, std::string_view message, std::string_view what);

/// True when the same transaction may succeed if it is run again (serialization failure, deadlock).
bool pg_is_conflict(std::string_view state);
/// True when the server has ended the session, or the session is of no use any more.
bool pg_ends_session(std::string_view state);

/// The server cannot be reached, or is not ready.
Error pg_unavailable();
/// A read was in the way of what a replica has to replay: nothing else conflicts with a snapshot that only reads.
Error pg_replay_conflict();

}  // namespace nexpo::store
