// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "store/sql_session.hpp"

namespace nexpo::store {

/// Until the end of the block, statements touch the rows of another scope.
class ScopeChange {
 public:
    ScopeChange(Read const& read, Scope scope)
        : session_(read.session()), before_(std::exchange(session_.scope, std::move(scope))) {}
    ScopeChange(ScopeChange const&) = delete;
    ScopeChange& operator=(ScopeChange const&) = delete;
    ~ScopeChange() { session_.scope = std::move(before_); }

 private:
    SqlSession& session_;
    Scope before_;
};

}  // namespace nexpo::store
