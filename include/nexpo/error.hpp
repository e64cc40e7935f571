// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The error value that every fallible call answers with.

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/export.hpp"

namespace nexpo::inline v1 {

/// The closed list of error codes, numbered like gRPC's status codes
/// (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
enum class Errc : std::uint8_t {
    cancelled = 1,            ///< The caller asked to stop.
    unknown = 2,              ///< An error of a foreign system that fits no other code.
    invalid_argument = 3,     ///< The input breaks a rule, whatever the state of the system.
    deadline_exceeded = 4,    ///< The time limit passed before the answer was ready.
    not_found = 5,            ///< No such record, or none that the caller may know of.
    already_exists = 6,       ///< A record with this identity exists.
    permission_denied = 7,    ///< The caller is known and may not do this.
    resource_exhausted = 8,   ///< A limit was reached; `Error::retry_after` says when to come back.
    failed_precondition = 9,  ///< The system is not in the state that the call needs.
    aborted = 10,             ///< A conflict with another change; read again and repeat.
    out_of_range = 11,        ///< A value lies outside of what can be represented.
    unimplemented = 12,       ///< This installation does not offer the operation.
    internal = 13,            ///< A broken invariant; the log has the details under the request id.
    unavailable = 14,         ///< Not now; the same call may succeed later.
    data_loss = 15,           ///< Stored data is damaged.
    unauthenticated = 16,     ///< The call carries no valid credentials.
};

/// The code's name in snake_case, for example `not_found`. Thread-safe.
NEXPO_API std::string_view to_string(Errc code) noexcept;

/// One broken rule of one field.
struct Violation {
    std::string field{};  ///< JSON pointer (RFC 6901) into the input, for example `/email`; empty for the whole input.
    std::string rule{};   ///< The rule's stable name, for example `required`, `max`, `format`, `type`.
    std::string message{};  ///< What the rule asks, for people. Never contains the refused value.

    bool operator==(Violation const&) const = default;
};

/// Why a call failed. Programs branch on `code` and `reason`; `message` is for people and may change.
struct Error {
    Errc code = Errc::unknown;  ///< The canonical code.
    std::string reason{};       ///< Stable snake_case word declared by the operation, for example `email_taken`.
    std::string message{};      ///< Safe to show; holds no secret.
    std::vector<Violation> violations{};                     ///< Every broken rule, for `invalid_argument`.
    std::optional<std::chrono::milliseconds> retry_after{};  ///< When a repeat may succeed, if known.

    bool operator==(Error const&) const = default;
};

/// Thrown by `Result::value()` when there is no value. The library itself throws nothing else across its edge.
class NEXPO_API Exception : public std::exception {
 public:
    /// Wraps an error.
    explicit Exception(Error error);
    ~Exception() override;
    Exception(Exception const&);
    Exception& operator=(Exception const&) = delete;

    /// `code: message`; valid as long as this object.
    char const* what() const noexcept override;
    /// The wrapped error.
    Error const& error() const noexcept { return error_; }

 private:
    Error error_;
    std::string text_;
};

}  // namespace nexpo::inline v1
