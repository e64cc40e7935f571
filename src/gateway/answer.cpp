// SPDX-License-Identifier: Apache-2.0
#include "gateway/answer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "describe/codec.hpp"
#include "gateway/entity_tag.hpp"
#include "gateway/percent.hpp"
#include "gateway/problem.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::string_view kPublic = "public, max-age=300";

std::string whole_seconds(std::chrono::milliseconds duration) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
    return std::to_string(std::max<std::int64_t>(seconds, 0));
}

/// draft-ietf-httpapi-ratelimit-headers-10
void add_limit(Response& response, operation::LimitState const& limit) {
    std::string const name = '"' + std::string(limit.name) + '"';
    response.headers.push_back({"RateLimit-Policy", name + ";q=" + std::to_string(limit.limit) + ";w=60"});
    response.headers.push_back({"RateLimit", name + ";r=" + std::to_string(std::max<std::int64_t>(limit.remaining, 0)) +
                                                 ";t=" + whole_seconds(limit.reset)});
}

/// True when a 401 is about the token that was sent, and not a failure that the operation declares, such as a wrong
/// password.
bool blames_token(Exchange const& exchange, Error const& error) {
    if (!exchange.fields.authorization.given()) return false;
    auto const& own = exchange.route->operation->info.reasons;
    return std::ranges::find(own, error.reason, &Reason::reason) == own.end();
}

std::string next_link(Exchange const& exchange, std::string_view cursor) {
    std::string link("<");
    link.append(exchange.target.path).append("?");
    for (auto const& [name, value] : exchange.query) {
        if (name == "cursor") continue;
        append_percent_encoded(link, name);
        link += '=';
        append_percent_encoded(link, value);
        link += '&';
    }
    link.append("cursor=");
    append_percent_encoded(link, cursor);
    return link.append(">; rel=\"next\"");
}

Error version_mismatch() {
    return {.code = Errc::aborted,
            .reason = "version_mismatch",
            .message = "The record has another version than If-Match asks for."};
}

}  // namespace

Response bare_answer(int status, AnswerIds ids, std::string_view cache_control) {
    Response response{.status = status};
    response.headers.reserve(8);
    response.headers.push_back({"X-Request-Id", std::move(ids.request_id)});
    response.headers.push_back({"traceparent", std::move(ids.traceparent)});
    response.headers.push_back({"Cache-Control", std::string(cache_control)});
    return response;
}

Response text_answer(int status, AnswerIds ids, std::string_view cache_control, std::string_view content_type,
                     std::string body) {
    auto response = bare_answer(status, std::move(ids), cache_control);
    response.headers.push_back({"Content-Type", std::string(content_type)});
    response.body = std::move(body);
    return response;
}

Response problem_answer(int status, Error const& error, AnswerIds ids, bool token_refused) {
    auto body = problem_json(status, error, ids.request_id);
    auto response = text_answer(status, std::move(ids), kNoStore, "application/problem+json", std::move(body));
    if (status == 401) {
        // RFC 6750 section 3
        response.headers.push_back({"WWW-Authenticate", token_refused ? R"(Bearer realm="nexpo", error="invalid_token")"
                                                                      : R"(Bearer realm="nexpo")"});
    }
    if ((status == 429 || status == 503) && error.retry_after) {
        response.headers.push_back(
            {"Retry-After", whole_seconds(std::max(*error.retry_after, std::chrono::milliseconds(1)))});
    }
    return response;
}

Response outcome_answer(Exchange const& exchange, operation::Outcome outcome) {
    AnswerIds ids{std::move(outcome.request_id), std::move(outcome.traceparent)};
    if (!outcome.result) {
        auto const& error = outcome.result.error();
        // Not known by the reason: an operation may have a `body_too_large` of its own.
        auto const status = exchange.body_is_too_large ? 413 : http_status(error, exchange.fields.if_match.has_value());
        auto response = problem_answer(status, error, std::move(ids), blames_token(exchange, error));
        if (outcome.limit) add_limit(response, *outcome.limit);
        return response;
    }

    auto const& route = *exchange.route;
    auto const& type = *route.operation->output;
    auto const* output = outcome.result->get();
    std::string tag;
    if (route.version != nullptr) {
        auto const version = route.version->type().integer(describe::at(output, *route.version));
        if (exchange.is_read() && exchange.if_version && *exchange.if_version != version) {
            return problem_answer(412, version_mismatch(), std::move(ids), false);
        }
        tag = version_tag(version);
    }
    auto response = bare_answer(200, std::move(ids), route.is_public ? kPublic : kNoStore);
    if (outcome.limit) add_limit(response, *outcome.limit);
    if (outcome.replayed) response.headers.push_back({"Idempotency-Replayed", "true"});
    if (route.is_public && tag.empty()) {
        response.body = to_json(type, output);
        tag = content_tag(response.body);
    }
    if (!tag.empty()) {
        auto const& known = exchange.fields.if_none_match;
        auto same = exchange.is_read() && known ? named_tag(*known, tag) : std::nullopt;
        response.headers.push_back({"ETag", same ? *same : tag});
        if (same) {
            response.status = 304;
            response.body.clear();
            return response;
        }
    }
    if (!route.location.empty()) {
        response.status = 201;
        response.headers.push_back({"Location", route.location.fill(output)});
    }
    if (route.next != nullptr) {
        auto const* cursor = route.next->type().inside(describe::at(output, *route.next));
        if (cursor != nullptr) {
            response.headers.push_back({"Link", next_link(exchange, route.next->type().element->text(cursor))});
        }
    }
    if (route.answers_nothing) {
        response.status = 204;
        return response;
    }
    response.headers.push_back({"Content-Type", "application/json"});
    if (response.body.empty()) response.body = to_json(type, output);
    return response;
}

Response event_stream_answer(operation::Outcome outcome) {
    auto response = bare_answer(200, {std::move(outcome.request_id), std::move(outcome.traceparent)}, "no-cache");
    if (outcome.limit) add_limit(response, *outcome.limit);
    response.headers.push_back({"Content-Type", "text/event-stream"});
    // nginx holds answers back until it has enough of them.
    response.headers.push_back({"X-Accel-Buffering", "no"});
    return response;
}

}  // namespace nexpo::gateway
