// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/guarded.hpp"
#include "store/sql_session.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// Runs a closure; it succeeds only if all of its statements did. A database may have forgotten everything with the
/// first statement that failed, so that there is nothing left to commit.
inline Result<void> run_closure(Store::WriteClosure const& closure, SqlSession& session, TransactionState& state) {
    session.failure.reset();
    Transaction transaction(session, state);
    auto result = guarded("write_failed", [&] { return closure(transaction, state); });
    if (result && session.failure) return *session.failure;
    return result;
}

inline Result<void> run_closure(Store::WriteClosure const& closure, SqlSession& session) {
    TransactionState state{.session = session};
    return run_closure(closure, session, state);
}

}  // namespace nexpo::store
