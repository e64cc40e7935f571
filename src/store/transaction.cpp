// SPDX-License-Identifier: Apache-2.0
#include "nexpo/store.hpp"
#include "store/dialect.hpp"
#include "store/sql_session.hpp"

namespace nexpo::inline v1 {

namespace {

Error transaction_error() {
    return {Errc::internal, "sql_invalid", "transactions are begun and ended by the library"};
}

/// Remembers the first failure; a statement after it fails alike.
template <class T>
Result<T> kept(SqlSession& session, Result<T> result) {
    if (!result && !session.failure) session.failure = result.error();
    return result;
}

}  // namespace

Result<void> Read::select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row, void* sink,
                          void* (*append)(void*)) const {
    if (session_->failure) return *session_->failure;
    if (store::controls_transaction(sql)) return kept<void>(*session_, transaction_error());
    return kept(*session_, session_->select(sql, params, row, sink, append));
}

Result<std::int64_t> Transaction::execute_untyped(std::string_view sql, std::span<SqlParam const> params) const {
    if (session_->failure) return *session_->failure;
    if (store::controls_transaction(sql)) return kept<std::int64_t>(*session_, transaction_error());
    return kept(*session_, session_->execute(sql, params));
}

void Transaction::audit_target(std::string_view id) const {
    state_->audit_target = id;
}

void Transaction::audit_organization(std::string_view id) const {
    state_->audit_organization = id;
}

void Transaction::after_commit(std::function<void()> function) const {
    state_->after_commit.push_back(std::move(function));
}

Error Transaction::refuse(Error error) const {
    state_->refusal = error;
    return error;
}

Result<std::string> Transaction::enqueue_untyped(std::string_view kind, StructType const& type, void const* input,
                                                 JobOptions const& options) const {
    if (session_->failure) return *session_->failure;
    if (state_->jobs == nullptr) return Error{Errc::internal, "job_unknown", "no jobs can be queued here"};
    return state_->jobs->enqueue(*this, *state_, kind, type, input, options);
}

void Transaction::emit_json(std::string_view event, std::string payload) const {
    state_->events.push_back({std::string(event), std::move(payload)});
}

}  // namespace nexpo::inline v1
