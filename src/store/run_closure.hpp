// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/guarded.hpp"
#include "store/sql_session.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// Runs a closure; it succeeds only if all of its statements did. A database may have forgotten everything with the
/// first statement that failed, so that there is nothing left to commit.
inline Result<void> run_closure(Store::WriteClosure const& closure, SqlSession& session) {
    session.failure.reset();
    TransactionState state{.session = session};
    Transaction transaction(session, state);
    auto result = guarded("write_failed", [&] { return closure(transaction, state); });
    if (result && session.failure) return *session.failure;
    return result;
}

}  // namespace nexpo::store
