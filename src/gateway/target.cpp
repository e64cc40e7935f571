// SPDX-License-Identifier: Apache-2.0
#include "gateway/target.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/ascii.hpp"
#include "gateway/percent.hpp"

namespace nexpo::gateway {

namespace {

Error malformed(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "target_malformed", .message = std::move(message)};
}

/// RFC 3986 section 3.3: pchar, `/`, and the percent sign that the router checks.
bool is_path_character(char c) {
    return is_digit(c) || is_letter(c) || std::string_view("/-._~!$&'()*+,;=:@%").find(c) != std::string_view::npos;
}

std::string_view without_authority(std::string_view text) {
    for (std::string_view const scheme : {"http://", "https://"}) {
        if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
        auto const rest = text.find_first_of("/?", scheme.size());
        return rest == std::string_view::npos ? std::string_view{} : text.substr(rest);
    }
    return text;
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    bool const absolute = !text.empty() && is_letter(text.front());
    auto const rest = absolute ? without_authority(text) : text;
    if (text.empty() || (absolute && rest.size() == text.size())) return malformed("The target is not a path.");

    auto const mark = rest.find('?');
    Target target{.path = rest.substr(0, mark)};
    if (mark != std::string_view::npos) target.query = rest.substr(mark + 1);
    if (absolute && target.path.empty()) target.path = "/";
    if (text == "*") return target;
    if (target.path.empty() || target.path.front() != '/') return malformed("The target is not a path.");
    if (!std::ranges::all_of(target.path, is_path_character)) {
        return malformed("The path contains a character that must be percent-encoded.");
    }
    bool const plain = std::ranges::all_of(target.query, [](char c) { return is_visible(c) && c != '#'; });
    if (!plain) return malformed("The query contains a character that must be percent-encoded.");
    return target;
}

Result<Query> parse_query(std::string_view text) {
    Query query;
    while (!text.empty()) {
        auto const end = text.find('&');
        auto const piece = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (piece.empty()) continue;
        if (query.size() == kMaxQueryParameters) {
            return Error{.code = Errc::invalid_argument,
                         .reason = "query_too_long",
                         .message = "The query has more than " + std::to_string(kMaxQueryParameters) + " parameters."};
        }
        auto const equals = piece.find('=');
        auto name = percent_decode(piece.substr(0, equals), Plus::space);
        auto value = percent_decode(equals == std::string_view::npos ? "" : piece.substr(equals + 1), Plus::space);
        if (!name || !value) return malformed("The query has a percent sign without two hexadecimal digits.");
        query.push_back({std::move(*name), std::move(*value)});
    }
    return query;
}

}  // namespace nexpo::gateway
