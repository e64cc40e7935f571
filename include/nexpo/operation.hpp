// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Operations: what a backend can do, declared once and offered through every door.

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nexpo/caller.hpp"
#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/page.hpp"
#include "nexpo/result.hpp"
#include "nexpo/store.hpp"

namespace nexpo::inline v1 {

struct CallState;

/// Whether an operation changes something.
enum class OperationKind : std::uint8_t {
    query,     ///< Reads a snapshot.
    mutation,  ///< Ends with one write; audited; may be repeated with an idempotency key.
    stream,    ///< Answers with one output after the other until somebody ends it; the library's own only.
};

/// Who may call an operation.
enum class Access : std::uint8_t {
    permission,  ///< Callers whose role grants `OperationInfo::permission`.
    signed_in,   ///< Every person who is signed in, and the application; a program with an API key is none.
    anyone,      ///< Everybody, signed in or not.
    system,      ///< The embedding application only; no door offers it.
};

/// A failure that an operation can answer with, for the schema and the guides.
struct Reason {
    Errc code = Errc::unknown;  ///< The canonical code.
    std::string reason{};       ///< The stable word in `Error::reason`.
};

/// An event that an operation can emit.
struct EventType {
    std::string name{};                   ///< `<noun>.<past participle>`, for example `user.created`.
    StructType const* payload = nullptr;  ///< The described payload; set by `event`.
    /// What else, besides `events:read`, a reader of live events needs to see it, for example `users:read`; empty:
    /// nothing.
    std::string permission{};
};

/// Declares an event with payload `T`.
template <class T>
EventType event(std::string name) {
    return {std::move(name), &struct_type<T>(), {}};
}

/// Declares an event with payload `T` that takes a permission to be seen live.
template <class T>
EventType event(std::string name, std::string permission) {
    return {std::move(name), &struct_type<T>(), std::move(permission)};
}

/// What an operation is, apart from its handler.
struct OperationInfo {
    std::string name{};                         ///< `<noun>.<verb>` in snake_case, for example `users.create`.
    std::string summary{};                      ///< One line for people.
    std::string description{};                  ///< More, if needed.
    OperationKind kind = OperationKind::query;  ///< Whether it changes something.
    std::string rest{};      ///< Method and path, for example `GET /users/{id}`; empty when REST does not offer it.
    std::string location{};  ///< Path of the created record, for example `/users/{id}`; makes the answer 201.
    Access access = Access::permission;           ///< Who may call it.
    std::string permission{};                     ///< `<noun>:<verb>`, for example `users:read`.
    std::string or_permission{};                  ///< Lets callers in as well; the handler decides what each may do.
    std::vector<std::string> also_permissions{};  ///< Others that its handler asks for with `Call::may` or `require`.
    std::vector<Reason> reasons{};                ///< Failures of its own.
    std::vector<EventType> emits{};               ///< Events of its own.
    bool may_block = false;        ///< Waits for more than the embedded database (hashing, network); hosts use a pool.
    std::string blocking_field{};  ///< Input field without which the operation does not wait although `may_block`.
    bool credentials = false;      ///< Takes or answers credentials: limited per address, answers never stored.
    std::string account_field{};   ///< Input field whose text names an account, for the limit per account.
};

/// What the handler of one call sees. Valid until the call is answered. Thread-safe for reading.
class NEXPO_API Call {
 public:
    Call(Call const&) = delete;
    Call& operator=(Call const&) = delete;

    /// Who calls.
    Caller const& caller() const noexcept;
    /// The organization the call works in; empty for callers without one.
    std::string const& organization_id() const noexcept;
    /// The operation being called.
    OperationInfo const& operation() const noexcept;
    /// The id that every log line and answer of this call carries.
    std::string const& request_id() const noexcept;
    /// The time of the call; the same throughout.
    Timestamp now() const noexcept;
    /// A fresh id, see `make_id`.
    std::string new_id(std::string_view prefix) const;
    /// True when the caller's role grants the permission, or the scopes of the caller's API key name it.
    bool may(std::string_view permission) const;
    /// Succeeds when `may` is true. Errors: permission_denied.
    Result<void> require(std::string_view permission) const;
    /// Succeeds unless the caller asked for another version (If-Match). Errors: aborted (`version_mismatch`).
    Result<void> expect_version(std::int64_t current) const;
    /// True when the caller gave up or the time limit passed.
    bool stop_requested() const noexcept;

    /// An opaque cursor that only this operation, with this filter and in this organization, can open.
    std::string make_cursor(std::string_view position, std::string_view filter) const;
    /// The position in a cursor. Errors: invalid_argument (`cursor_invalid`).
    Result<std::string> open_cursor(std::string_view cursor, std::string_view filter) const;

    /// Runs `function(Read&)`, which returns a `Result`, on a snapshot, and returns its result.
    template <class F>
    std::invoke_result_t<F&, Read&> read(F&& function) const {
        using Answer = std::invoke_result_t<F&, Read&>;
        struct Context {
            std::remove_reference_t<F>* function;
            std::optional<Answer> answer;
        } context{&function, {}};
        auto done = run_read(
            [](void* at, Read& read) -> Result<void> {
                auto& self = *static_cast<Context*>(at);
                self.answer.emplace((*self.function)(read));
                if (!*self.answer) return self.answer->error();
                return {};
            },
            &context);
        if (!done) return std::move(done).error();
        return std::move(*context.answer);
    }

    /// The last step of a mutation: `return call.write([…](Transaction& tx) -> Result<Out> {…});`. The library runs the
    /// closure in a transaction, adds the audit row, events and idempotency record, and commits before anyone sees the
    /// output. It may run twice, so it touches nothing but the transaction; capture by value, because the handler has
    /// returned by then (the input and the call stay valid).
    template <class F>
    auto write(F closure) const;

    /// Made by the library.
    explicit Call(CallState& state) noexcept : state_(&state) {}
    /// For the library.
    CallState& state() const noexcept { return *state_; }

 private:
    Result<void> run_read(Result<void> (*function)(void*, Read&), void* context) const;

    CallState* state_;
};

/// What a handler answers with: an output, an error, or a write that will produce one of them.
template <class Out>
class Reply {
 public:
    /// The closure of `Call::write`.
    using Write = std::function<Result<Out>(Transaction&)>;

    Reply(Out output) : state_(Result<Out>(std::move(output))) {}  ///< An output.
    Reply(Error error) : state_(Result<Out>(std::move(error))) {}  ///< An error.
    Reply(Result<Out> result) : state_(std::move(result)) {}       ///< Either.
    Reply(Write write) : state_(std::move(write)) {}               ///< A write; made by `Call::write`.

    /// The result or the write.
    std::variant<Result<Out>, Write>& state() noexcept { return state_; }

 private:
    std::variant<Result<Out>, Write> state_;
};

template <class F>
auto Call::write(F closure) const {
    using Answer = std::invoke_result_t<F&, Transaction&>;
    return Reply<typename Answer::value_type>(typename Reply<typename Answer::value_type>::Write(std::move(closure)));
}

/// The declaration of one operation.
template <class In, class Out>
struct Operation {
    OperationInfo info{};                                   ///< What it is.
    std::function<Reply<Out>(Call&, In const&)> handler{};  ///< What it does; called from any thread at once.
};

/// An output whose type only its operation knows, see `OperationTypes::output`.
using AnyOutput = std::shared_ptr<void const>;

/// What an operation takes and answers. Valid as long as the backend.
struct OperationTypes {
    StructType const* input = nullptr;   ///< Its input.
    StructType const* output = nullptr;  ///< Its output; of a stream, each of its elements.
};

/// What became of a call.
struct CallAnswer {
    Result<AnyOutput> output;   ///< The output or the error.
    std::string request_id{};   ///< Of the call, as in the log.
    std::string traceparent{};  ///< W3C Trace Context of the call.
    bool replayed = false;      ///< The answer of an earlier call with the same idempotency key.
    Caller caller{};            ///< Who it was.
};

/// A write whose output only its operation knows, see `Call::write`.
using AnyWrite = std::function<Result<AnyOutput>(Transaction&)>;

/// What a handler answers with, see `Reply`.
using AnyReply = std::variant<Result<AnyOutput>, AnyWrite>;

/// An operation whose types are known only when the program runs, as those of a language binding are.
struct AnyOperation {
    OperationInfo info{};                ///< What it is.
    StructType const* input = nullptr;   ///< What it takes; lives as long as the process.
    StructType const* output = nullptr;  ///< What it answers; lives as long as the process.
    /// What it does, see `Operation::handler`; gets an `input` and answers an `output`.
    std::function<AnyReply(Call&, void const*)> handler{};
    bool opens_stream = false;  ///< The handler answers with a stream of outputs; the library's own only.
};

/// A hook whose operation's types are known only when the program runs. Each function gets the types of the operation,
/// which say what its pointers lead to.
struct AnyHook {
    std::string operation{};             ///< Whose hook it is.
    StructType const* input = nullptr;   ///< The input that it expects; null: any.
    StructType const* output = nullptr;  ///< The output that it expects; null: any.
    /// Before the handler, see `OperationTable::before`; with the input.
    std::function<Result<void>(Call&, OperationTypes const&, void*)> before{};
    /// After the commit, see `OperationTable::after`; with the input and the output.
    std::function<void(Call const&, OperationTypes const&, void const*, void const*)> after{};
};

/// Operations, hooks and grants that an application adds to a backend. Filled before `Backend::open`; not thread-safe.
class NEXPO_API OperationTable {
 public:
    OperationTable();
    OperationTable(OperationTable const&);
    OperationTable(OperationTable&&) noexcept;
    OperationTable& operator=(OperationTable const&);
    OperationTable& operator=(OperationTable&&) noexcept;
    ~OperationTable();

    /// Adds an operation. `Backend::open` refuses names, paths and permissions that are malformed or taken.
    template <class In, class Out>
    OperationTable& add(Operation<In, Out> operation) {
        if (!operation.handler) {
            return add_untyped(
                {.info = std::move(operation.info), .input = &struct_type<In>(), .output = &struct_type<Out>()});
        }
        return add_untyped(
            {.info = std::move(operation.info),
             .input = &struct_type<In>(),
             .output = &struct_type<Out>(),
             .handler = [handler = std::move(operation.handler)](Call& call, void const* input) -> AnyReply {
                 auto reply = handler(call, *static_cast<In const*>(input));
                 if (auto* result = std::get_if<0>(&reply.state())) return erase(std::move(*result));
                 return AnyWrite([write = std::move(*std::get_if<1>(&reply.state()))](Transaction& tx) {
                     return erase(write(tx));
                 });
             }});
    }

    /// Adds an operation whose types are known only when the program runs (`StructBuilder`). A stream is refused.
    OperationTable& add_untyped(AnyOperation operation);

    /// Runs `hook(call, input)` before the operation's handler, after the input was checked. It may change the input,
    /// which is then checked again, or refuse the call with an error.
    template <class In>
    OperationTable& before(std::string operation, std::function<Result<void>(Call&, In&)> hook) {
        return add_untyped({.operation = std::move(operation),
                            .input = &struct_type<In>(),
                            .before = [hook = std::move(hook)](Call& call, OperationTypes const&, void* input) {
                                return hook(call, *static_cast<In*>(input));
                            }});
    }

    /// Runs `hook(call, input, output)` after the operation succeeded and its write is committed.
    template <class In, class Out>
    OperationTable& after(std::string operation, std::function<void(Call const&, In const&, Out const&)> hook) {
        return add_untyped({.operation = std::move(operation),
                            .input = &struct_type<In>(),
                            .output = &struct_type<Out>(),
                            .after = [hook = std::move(hook)](Call const& call, OperationTypes const&,
                                                              void const* input, void const* output) {
                                hook(call, *static_cast<In const*>(input), *static_cast<Out const*>(output));
                            }});
    }

    /// Adds a hook of any operation, whatever its types are.
    OperationTable& add_untyped(AnyHook hook);

    /// Gives a role a permission such as `notes:write`. Roles are owner, admin, member, viewer, or a name of your own.
    OperationTable& grant(std::string role, std::string permission);

    /// @cond implementation
    void add_stream(AnyOperation operation);

    struct Contents {
        std::vector<AnyOperation> operations{};
        std::vector<AnyHook> hooks{};
        std::vector<std::pair<std::string, std::string>> grants{};
    };
    Contents const& contents() const noexcept { return contents_; }
    /// @endcond

 private:
    template <class Out>
    static Result<AnyOutput> erase(Result<Out> result) {
        if (!result) return std::move(result).error();
        return AnyOutput(std::make_shared<Out const>(std::move(*result)));
    }

    Contents contents_;
};

}  // namespace nexpo::inline v1
