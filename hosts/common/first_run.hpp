// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/common_settings.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::hosts {

/// The organization that the first start creates.
inline constexpr std::string_view kOrganization = "default";

/// Creates the database's folder (0700) if it is missing and, unless a sealing key is configured, reads or creates the
/// key file `nexpo.key` (0600) beside the database. Safe when two processes start at once.
/// Errors: unavailable, failed_precondition; the message names the file.
Result<void> prepare_files(Config& config);

/// What is known of the owner of the organization `default`.
struct Owner {
    bool created = false;    ///< By this start.
    Secret made_password{};  ///< Made by this start, and not to be had again.
};

/// Creates the organization and its owner if it has none.
Result<Owner> ensure_owner(Backend const& backend, AdminConfig const& admin);

/// What may be printed of the database's URL: no user and no parameter, because either may hold a password.
std::string database_name(std::string_view url);

/// What is printed of the owner when the server is ready, once with the password that was made.
std::string owner_words(AdminConfig const& admin, Owner const& owner);

/// The text as one word for a shell.
std::string quoted_for_shell(std::string_view text);

}  // namespace nexpo::hosts
