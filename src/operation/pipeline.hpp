// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nexpo/caller.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/result.hpp"
#include "operation/limiter.hpp"

namespace nexpo::operation {

struct PipelineParts;

/// The text of an access token that nobody has looked at yet.
struct BearerToken {
    std::string text;
};

/// `as_system(slug)`: the organization is looked up, or created, when the call is made.
struct SystemIn {
    std::string organization;
};

/// A trusted caller, or what is to be checked.
using Identity = std::variant<Caller, BearerToken, SystemIn>;

/// Turns what came through the door into the operation's input struct. Called once, after the caller was authorized.
using Decode = std::function<Result<std::shared_ptr<void>>(StructType const& type)>;

/// One call as a door hands it to the pipeline.
struct CallRequest {
    Identity identity;
    std::string address{};  ///< The client's address; empty in-process.
    CallOptions options{};
    std::string request_id{};   ///< Taken over when acceptable, else made.
    std::string traceparent{};  ///< W3C trace context of the client, if any.
    Decode decode{};
};

/// What became of a call.
struct Outcome {
    Result<AnyOutput> result;
    std::string request_id{};
    std::string traceparent{};
    std::optional<LimitState> limit{};  ///< The tightest limit that was applied.
    bool replayed = false;              ///< The answer of an earlier call with the same idempotency key.
    Caller caller{};                    ///< Who it was, for access logs.
};

using Done = std::function<void(Outcome)>;

/// The one way that every call takes: trace and measure, limit by address, identify, limit by caller, authorize, decode
/// and validate, limit by account, idempotency, handler, commit with audit and outbox, answer. Thread-safe.
class Pipeline {
 public:
    class State;

    explicit Pipeline(PipelineParts parts);
    ~Pipeline();
    Pipeline(Pipeline const&) = delete;
    Pipeline& operator=(Pipeline const&) = delete;

    /// Every operation in order of declaration.
    std::span<AnyOperation const> operations() const noexcept;
    /// The operation with this name, or nullptr.
    AnyOperation const* find(std::string_view name) const noexcept;

    /// Makes one call. `done` is called exactly once, here or on a thread of the store, and must not block.
    void run(AnyOperation const& operation, CallRequest request, Done done) const;
    /// Makes one call and waits for its outcome.
    Outcome run(AnyOperation const& operation, CallRequest request) const;

    /// Refuses new calls with `unavailable`, waits for the running ones, and writes what is still in memory.
    /// Idempotent.
    void close() const;

 private:
    std::unique_ptr<State> state_;
};

}  // namespace nexpo::operation
