// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/result.hpp"
#include "store/sql_session.hpp"

namespace nexpo::store {

/// Until the end of the transaction the database goes through indexes that have rows in the order in which they are
/// wanted. PostgreSQL plans by what it last counted: when there was little, it would read and sort all that has come
/// since for the sake of a few rows.
inline Result<void> prefer_index_order(Read const& read) {
    if (!read.session().is_remote()) return {};
    return read.session().execute_later("SELECT set_config('enable_sort', 'off', true)", {});
}

}  // namespace nexpo::store
