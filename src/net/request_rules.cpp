// SPDX-License-Identifier: Apache-2.0
#include "net/request_rules.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"
#include "net/http_error.hpp"

namespace nexpo::net {
namespace {

using std::string_view;

/// RFC 9110 section 5.6.2.
bool is_token(string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               string_view("!#$%&'*+-.^_`|~").find(c) != string_view::npos;
    });
}

/// RFC 9110 section 5.5, without leading and trailing white space.
bool is_field_value(string_view text) {
    if (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.back() == ' ' || text.back() == '\t')) {
        return false;
    }
    return std::ranges::all_of(
        text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); });
}

bool is_one_of(string_view name, auto const& names) {
    return std::ranges::find(names, base::to_lower(name)) != names.end();
}

/// What frames the message and what the client decides itself.
constexpr std::array<string_view, 12> kOwn{
    "host", "content-length", "transfer-encoding",   "connection", "keep-alive",      "upgrade",
    "te",   "trailer",        "proxy-authorization", "expect",     "accept-encoding", "proxy-connection"};

constexpr std::array<string_view, 4> kHarmless{"accept", "accept-language", "cache-control", "user-agent"};

bool is_between(std::chrono::milliseconds least, std::chrono::milliseconds time) {
    return time >= least && time <= kLongestTime;
}

}  // namespace

Result<void> check_retry(RetryPolicy const& policy) {
    constexpr std::chrono::milliseconds kNone(0);
    bool const timely =
        is_between(kNone, policy.base) && is_between(kNone, policy.cap) && is_between(kNone, policy.max_retry_after);
    if (policy.max_attempts < 1 || !timely) return request_invalid("The rule for repeats is not sensible.");
    return {};
}

Result<void> check_request(HttpRequest const& request) {
    constexpr std::size_t kMaxMethod = 32;
    constexpr std::size_t kMaxHeaders = 64U << 10;
    constexpr std::size_t kMaxResponse = 1U << 30;
    if (!is_token(request.method) || request.method.size() > kMaxMethod || request.method == "CONNECT") {
        return request_invalid("The method is not valid.");
    }
    if (request.method == "HEAD" && !request.body.empty()) return request_invalid("HEAD has no body.");
    std::size_t bytes = 0;
    for (auto const& [name, value] : request.headers) {
        bytes += name.size() + value.size();
        if (!is_token(name) || !is_field_value(value)) return request_invalid("A header is not valid.");
        if (is_one_of(name, kOwn)) return request_invalid("The header " + name + " is set by the client itself.");
    }
    if (bytes > kMaxHeaders) return request_invalid("The headers are too long.");
    constexpr std::chrono::milliseconds kLeast(1);
    bool const timely = is_between(kLeast, request.timeout) && is_between(kLeast, request.connect_timeout);
    bool const sized =
        request.max_response_bytes > 0 && request.max_response_bytes <= kMaxResponse && request.max_header_bytes > 0;
    if (!timely || !sized || request.max_redirects < 0)
        return request_invalid("A limit of the request is not sensible.");
    return request.retry ? check_retry(*request.retry) : Result<void>();
}

Result<std::optional<Url>> redirect_target(HttpResponse const& response, Url const& from) {
    constexpr std::array kStatuses{301, 302, 303, 307, 308};
    auto const* location = find_header(response.headers, "Location");
    if (location == nullptr || std::ranges::find(kStatuses, response.status) == kStatuses.end()) {
        return std::optional<Url>();
    }
    auto target = resolve_url(from, *location);
    if (!target) return target.error();
    return std::optional(std::move(*target));
}

Result<void> follow_redirect(HttpRequest& request, int status, Url const& from, Url const& to) {
    if (from.secure && !to.secure) return redirect_refused("A redirect would leave TLS.");
    // RFC 9110 sections 15.4.2 to 15.4.4: after 303 always, after 301 and 302 by custom for POST.
    bool const becomes_get =
        status == 303 ? request.method != "HEAD" : (status == 301 || status == 302) && request.method == "POST";
    if (becomes_get) {
        request.method = "GET";
        request.body.clear();
        std::erase_if(request.headers,
                      [](HttpHeader const& header) { return base::to_lower(header.name).starts_with("content-"); });
    }
    if (from.origin() == to.origin()) return {};
    if (!request.body.empty()) return redirect_refused("A redirect would send the body to another origin.");
    std::erase_if(request.headers, [](HttpHeader const& header) { return !is_one_of(header.name, kHarmless); });
    request.source = UrlSource::user;  // whoever answered chose the host, not the operator
    return {};
}

}  // namespace nexpo::net
