// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "nexpo/error.hpp"

namespace nexpo::gateway {

/// The status that an error has on HTTP.
int http_status(Error const& error, bool if_match_given) noexcept;

/// A reason as people read it: `email_taken` becomes `Email taken`.
std::string reason_title(std::string_view reason);

/// Problem details (RFC 9457). What broke inside is not told, and of very many violations only the first ones.
std::string problem_json(int status, Error const& error, std::string_view request_id);

}  // namespace nexpo::gateway
