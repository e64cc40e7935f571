// SPDX-License-Identifier: Apache-2.0
#include "gateway/pages.hpp"

#include <optional>
#include <utility>

#include "gateway/content_coding.hpp"
#include "gateway/entity_tag.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::string_view kJson = "application/json";

Response openapi_page(Exchange const& exchange, AnswerIds const& ids, GatewayState const& state) {
    constexpr std::string_view kRevalidate = "no-cache";
    auto const& known = exchange.fields.if_none_match;
    if (auto tag = known ? named_tag(*known, state.openapi_tag) : std::nullopt) {
        auto response = bare_answer(304, ids, kRevalidate);
        response.headers.push_back({"ETag", std::move(*tag)});
        return response;
    }
    auto response = text_answer(200, ids, kRevalidate, kJson, {});
    response.headers.push_back({"ETag", state.openapi_tag});
    // Anybody may ask for this large page again and again: it is compressed only once.
    bool const compressed = state.config.compress && coding_wish(exchange.request.headers) != CodingWish::plain;
    if (compressed && !state.openapi_compressed().empty()) {
        set_compressed(response, state.openapi_compressed());
    } else {
        response.body = state.openapi;
    }
    return response;
}

}  // namespace

Response page_answer(OwnPage page, Exchange const& exchange, AnswerIds const& ids, GatewayState const& state,
                     std::shared_ptr<BackendState> const& backend) {
    switch (page) {
        case OwnPage::index:
            return text_answer(200, ids, kNoStore, kJson, state.index);
        case OwnPage::openapi:
            return openapi_page(exchange, ids, state);
        case OwnPage::live:
            return text_answer(200, ids, kNoStore, kJson, R"({"status":"ok"})");
        case OwnPage::ready: {
            auto const health = Backend(backend).health();
            return text_answer(health.ok ? 200 : 503, ids, kNoStore, kJson, to_json(health));
        }
        case OwnPage::metrics:
            return text_answer(200, ids, kNoStore, "text/plain; version=0.0.4; charset=utf-8",
                               Backend(backend).metrics());
    }
    return bare_answer(404, ids, kNoStore);
}

}  // namespace nexpo::gateway
