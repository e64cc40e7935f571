// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "net/http_message.hpp"
#include "net/url.hpp"
#include "nexpo/result.hpp"

namespace nexpo::net {

/// More is taken for a mistake, and sums of times must not overflow.
constexpr std::chrono::milliseconds kLongestTime = std::chrono::hours(24);

/// Errors: invalid_argument with reason `request_invalid`.
Result<void> check_retry(RetryPolicy const& policy);

/// Refuses methods and headers that are not of RFC 9110's grammar, above all line breaks, and headers that belong to
/// the connection. Limits and times must make sense. The URL is not looked at.
/// Errors: invalid_argument with reason `request_invalid`.
Result<void> check_request(HttpRequest const& request);

/// Where the response sends the client, absolute, when it does (RFC 9110 section 15.4).
/// Errors: url_invalid, for a `Location` that cannot be followed.
Result<std::optional<Url>> redirect_target(HttpResponse const& response, Url const& from);

/// Changes the request into the one that follows the redirect. Across origins all headers but a few harmless ones are
/// dropped, a body is not sent, and https never becomes http.
/// Errors: failed_precondition with reason `redirect_refused`.
Result<void> follow_redirect(HttpRequest& request, int status, Url const& from, Url const& to);

}  // namespace nexpo::net
