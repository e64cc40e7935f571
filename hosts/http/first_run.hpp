// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "http/http_settings.hpp"
#include "nexpo/backend.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::http_host {

/// Creates the database's folder (0700) if it is missing and, unless a sealing key is configured, reads or creates the
/// key file `nexpo.key` (0600) beside the database. Safe when two processes start at once.
/// Errors: unavailable, failed_precondition; the message names the file.
Result<void> prepare_files(HttpSettings& settings);

/// What is known of the owner of the organization `default`.
struct Owner {
    bool created = false;    ///< By this start.
    Secret made_password{};  ///< Made by this start, and not to be had again.
};

/// Creates the organization and its owner if it has none.
Result<Owner> ensure_owner(Backend const& backend, AdminConfig const& admin);

/// What may be printed of the database's URL: no user and no parameter, because either may hold a password.
std::string database_name(std::string_view url);

/// What is printed when the server is ready: where it is and three commands to try.
std::string banner(HttpSettings const& settings, Owner const& owner, std::string const& url);

}  // namespace nexpo::http_host
