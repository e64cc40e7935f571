// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "operation/pipeline_state.hpp"

namespace nexpo::operation {

/// One call on its way through the pipeline. It is kept alive by the write that it waits for.
class RunningCall : public std::enable_shared_from_this<RunningCall> {
 public:
    RunningCall(Pipeline::State& shared, Entry& entry, Done done);

    /// Takes the call through every step; the answer may come later, from the writer.
    void run(CallRequest request);

 private:
    void trace(CallRequest& request);
    Result<void> advance(CallRequest& request);

    Result<void> limit_address();
    Result<void> identify(Identity& identity);
    Result<Caller> identify_token(std::string_view token);
    Result<void> identify_system(SystemIn const& identity);
    Result<void> create_organization();
    Result<void> limit_caller();
    Result<void> authorize() const;
    Result<void> decode(Decode const& decode);
    Result<void> limit_account();
    Result<bool> replay(std::string const& key);
    Result<void> run_before_hooks();

    void call_handler();
    void write(AnyWrite closure);
    void run_after_commit(std::function<void()> const& function) const;
    Result<AnyOutput> write_once(AnyWrite const& closure, Transaction& tx, TransactionState& transaction);
    Result<void> spend(Limiter& limiter, std::string_view key);
    Result<void> still_wanted() const;

    /// Exactly once, as the last thing.
    void answer(Result<AnyOutput> result);
    void report(Error& error);
    void count_denial(Error const& error);

    OperationInfo const& info() const noexcept { return entry_.operation->info; }
    std::string caller_key() const;

    Pipeline::State& shared_;
    Entry& entry_;
    Done done_;
    CallState state_;
    Call call_{state_};
    std::optional<std::string> missing_organization_;
    std::shared_ptr<void> input_;
    std::optional<IdempotencyKey> idempotency_;
    std::optional<LimitState> limit_;
    std::string traceparent_;
    std::chrono::steady_clock::time_point started_;
    bool denied_ = false;
    bool replayed_ = false;
};

}  // namespace nexpo::operation
