// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Who makes a call, and with which options.

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "nexpo/secret.hpp"

namespace nexpo::inline v1 {

/// What kind of party makes a call.
enum class CallerKind : std::uint8_t {
    anonymous,  ///< Nobody signed in.
    account,    ///< A person signed in to one organization.
    system,     ///< The embedding application itself: every permission, no limits.
    api_key,    ///< A program with an API key of one organization.
};

/// Who makes a call. `Backend::as(Caller)` trusts what it is given: build one only from what you have verified.
struct Caller {
    CallerKind kind = CallerKind::anonymous;  ///< What kind of party this is.
    std::string account_id{};                 ///< `acc_…`, for an account.
    std::string user_id{};                    ///< `usr_…`, the account's profile in the organization.
    std::string organization_id{};            ///< `org_…`, the organization the call works in.
    std::string session_id{};                 ///< `ses_…`, when the call came with an access token.
    std::string role{};                       ///< The role in the organization, for example `member`.
    std::string api_key_id{};                 ///< `key_…`, for a program.
    std::vector<std::string> scopes{};  ///< The permissions of a program, for example `users:read`; see `ApiKeys`.

    bool operator==(Caller const&) const = default;
};

/// Options of a single call; `Api::with` makes a handle that uses them.
struct CallOptions {
    std::optional<std::chrono::milliseconds> timeout{};  ///< Give up after this long with `deadline_exceeded`.
    std::string idempotency_key{};  ///< A repeat with the same key gets the first answer; at most 255 characters.
    std::optional<std::int64_t> if_version{};  ///< Change the record only if it still has this version, else `aborted`;
                                               ///< refused by operations without one (`version_unsupported`).
    std::stop_token stop{};                    ///< Stops waiting and reading when requested: `cancelled`.
};

/// Somebody who calls through a door of your own, see `Backend::as_client`.
struct Client {
    Secret token{};             ///< An access token or an API key; empty: nobody in particular.
    std::string address{};      ///< The IP address, for limits; empty: those per address do not apply.
    std::string request_id{};   ///< Taken over if it is 1 to 128 of A-Z a-z 0-9 _ . : -, else one is made.
    std::string traceparent{};  ///< W3C Trace Context; empty, or not valid: a trace begins here.
    /// Instead of a token: whom the door has identified itself, for example by a certificate. Build one only from what
    /// you have verified.
    std::optional<Caller> caller{};
};

}  // namespace nexpo::inline v1
