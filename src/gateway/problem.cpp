// SPDX-License-Identifier: Apache-2.0
#include "gateway/problem.hpp"

#include <algorithm>
#include <span>

#include "base/json_write.hpp"

namespace nexpo::gateway {

namespace {

// One violation per member of a hostile body would make the answer larger than the request.
constexpr std::size_t kMaxViolations = 200;

void append_member(std::string& out, std::string_view name, std::string_view value) {
    base::append_string(out, name);
    out += ':';
    base::append_string(out, value);
    out += ',';
}

void append_violations(std::string& out, std::span<Violation const> violations) {
    out += "\"violations\":[";
    for (auto const& violation : violations.first(std::min(violations.size(), kMaxViolations))) {
        out += '{';
        append_member(out, "field", violation.field);
        append_member(out, "rule", violation.rule);
        append_member(out, "message", violation.message);
        out.back() = '}';
        out += ',';
    }
    out.back() = ']';
    out += ',';
}

}  // namespace

int http_status(Error const& error, bool if_match_given) noexcept {
    if (error.reason == "idempotency_key_reused") return 422;
    switch (error.code) {
        case Errc::invalid_argument:
        case Errc::out_of_range:
            return 400;
        case Errc::unauthenticated:
            return 401;
        case Errc::permission_denied:
            return 403;
        case Errc::not_found:
            return 404;
        case Errc::aborted:
            return if_match_given ? 412 : 409;
        case Errc::already_exists:
        case Errc::failed_precondition:
            return 409;
        case Errc::resource_exhausted:
            return 429;
        case Errc::cancelled:
            return 499;
        case Errc::unimplemented:
            return 501;
        case Errc::unavailable:
            return 503;
        case Errc::deadline_exceeded:
            return 504;
        case Errc::unknown:
        case Errc::internal:
        case Errc::data_loss:
            return 500;
    }
    return 500;
}

std::string reason_title(std::string_view reason) {
    std::string title(reason);
    std::ranges::replace(title, '_', ' ');
    if (!title.empty() && title.front() >= 'a' && title.front() <= 'z') {
        title.front() = static_cast<char>(title.front() - 'a' + 'A');
    }
    return title;
}

std::string problem_json(int status, Error const& error, std::string_view request_id) {
    bool const hidden = status == 500;
    std::string_view const code = to_string(error.code);
    std::string_view const reason = hidden || error.reason.empty() ? code : std::string_view(error.reason);
    std::string_view const detail = hidden ? "Something went wrong inside. The log has more under the request id."
                                           : std::string_view(error.message);

    std::string out;
    out.reserve(320);
    out += '{';
    append_member(out, "type", std::string("/problems/").append(reason));
    append_member(out, "title", reason_title(reason));
    out.append("\"status\":").append(std::to_string(status)).append(",");
    append_member(out, "detail", detail);
    append_member(out, "code", code);
    append_member(out, "reason", reason);
    append_member(out, "request_id", request_id);
    if (!hidden && !error.violations.empty()) append_violations(out, error.violations);
    out.back() = '}';
    return out;
}

}  // namespace nexpo::gateway
