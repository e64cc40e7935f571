// SPDX-License-Identifier: Apache-2.0
#include "gateway/exchange.hpp"

#include "gateway/ascii.hpp"
#include "gateway/entity_tag.hpp"
#include "gateway/media_type.hpp"

namespace nexpo::gateway {

namespace {

Refusal refusal(int status, Errc code, std::string reason, std::string message) {
    return {.status = status, .error = {.code = code, .reason = std::move(reason), .message = std::move(message)}};
}

Refusal bad_request(Error error) {
    return {.status = 400, .error = std::move(error)};
}

/// Whether the body is compressed with gzip; nothing for any other coding.
std::optional<bool> is_compressed(SingleField const& content_encoding) {
    if (!content_encoding.given()) return false;
    auto const is = [&](std::string_view coding) { return equal_ignoring_case(content_encoding.value, coding); };
    if (content_encoding.count != 1) return std::nullopt;
    if (is("identity")) return false;
    // RFC 9110 section 8.4.1.3: x-gzip is another name of it.
    return is("gzip") || is("x-gzip") ? std::optional(true) : std::nullopt;
}

std::optional<Refusal> check_body(Exchange& exchange) {
    if (exchange.request.body.empty()) return std::nullopt;
    bool const is_patch = exchange.request.method == "PATCH";
    if (!exchange.route->takes_body()) {
        return refusal(400, Errc::invalid_argument, "body_not_allowed",
                       "This method takes its input from path and query, not from a body.");
    }
    auto const compressed = is_compressed(exchange.fields.content_encoding);
    if (!compressed) {
        auto refused =
            refusal(415, Errc::invalid_argument, "encoding_unsupported", "The body may be compressed with gzip only.");
        refused.headers.push_back({"Accept-Encoding", "gzip"});  // RFC 9110 section 15.5.16
        return refused;
    }
    exchange.body_is_compressed = *compressed;
    auto const& type = exchange.fields.content_type;
    auto const kind = type.count == 1 ? body_type(type.value) : BodyType::other;
    if (kind == BodyType::json || (is_patch && kind == BodyType::merge_patch)) return std::nullopt;

    auto refused = refusal(415, Errc::invalid_argument, "media_type_unsupported",
                           "The body must be JSON: Content-Type: application/json.");
    std::string const accepted = is_patch ? "application/merge-patch+json, application/json" : "application/json";
    // RFC 9110 section 15.5.16, RFC 5789 section 2.2
    refused.headers.push_back({is_patch ? "Accept-Patch" : "Accept", accepted});
    return refused;
}

/// Without this a precondition would be dropped silently and the change be made nevertheless.
Error unsupported_precondition() {
    return {.code = Errc::invalid_argument,
            .reason = "header_invalid",
            .message = "A header cannot be understood.",
            .violations = {{"", "if_none_match", "If-None-Match works with GET and HEAD only."}}};
}

}  // namespace

std::optional<Refusal> locate(Exchange& exchange, Router const& router, std::vector<Route> const& routes,
                              std::size_t body_bytes) {
    auto const& request = exchange.request;
    if (request.target.size() > kMaxTarget) {
        return refusal(414, Errc::invalid_argument, "target_too_long", "The request target is longer than 8 KiB.");
    }
    if (exchange.fields.size > kMaxHeaders) {
        return refusal(431, Errc::invalid_argument, "headers_too_large", "The headers are larger than 64 KiB.");
    }
    if (request.body.size() > body_bytes) {
        return refusal(413, Errc::invalid_argument, "body_too_large",
                       "The body is larger than " + std::to_string(body_bytes) + " bytes.");
    }
    auto target = parse_target(request.target);
    if (!target) return bad_request(std::move(target).error());
    exchange.target = *target;

    auto match = router.find(exchange.target.path);
    if (match.malformed) {
        return refusal(400, Errc::invalid_argument, "target_malformed",
                       "The path has a percent sign without two hexadecimal digits.");
    }
    if (match.endpoint == nullptr) {
        return refusal(404, Errc::not_found, "path_unknown", "Nothing stands at this path; see /openapi.json.");
    }
    exchange.endpoint = match.endpoint;
    exchange.path_values = std::move(match.values);
    if (request.method == "OPTIONS") return std::nullopt;

    auto const route = match.endpoint->find(request.method);
    if (!route) {
        auto refused = refusal(405, Errc::unimplemented, "method_not_allowed", "This path does not offer the method.");
        refused.headers.push_back({"Allow", match.endpoint->allow()});
        return refused;
    }
    exchange.route = &routes[*route];
    return std::nullopt;
}

std::optional<Refusal> inspect(Exchange& exchange) {
    auto const& fields = exchange.fields;
    if (exchange.is_stream() && fields.accept && !accepts_event_stream(*fields.accept)) {
        return refusal(406, Errc::invalid_argument, "not_acceptable", "The answer is text/event-stream.");
    }
    if (!exchange.is_stream() && fields.accept && !accepts_json(*fields.accept)) {
        return refusal(406, Errc::invalid_argument, "not_acceptable", "Answers are application/json.");
    }
    if (auto refused = check_body(exchange)) return refused;

    auto query = parse_query(exchange.target.query);
    if (!query) return bad_request(std::move(query).error());
    exchange.query = std::move(*query);

    if (fields.idempotency_key.given() && exchange.route->operation->info.kind == OperationKind::mutation) {
        auto key = parse_idempotency_key(fields.idempotency_key);
        if (!key) return bad_request(std::move(key).error());
        exchange.idempotency_key = std::move(*key);
    }
    if (fields.if_match) {
        auto version = parse_if_match(*fields.if_match);
        if (!version) return bad_request(std::move(version).error());
        exchange.if_version = *version;
    }
    if (fields.if_none_match && !exchange.is_read()) return bad_request(unsupported_precondition());
    return std::nullopt;
}

}  // namespace nexpo::gateway
