// SPDX-License-Identifier: Apache-2.0
#include "gateway/pages.hpp"

#include "gateway/entity_tag.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::string_view kJson = "application/json";

Response openapi_page(Exchange const& exchange, AnswerIds const& ids, GatewayState const& state) {
    constexpr std::string_view kRevalidate = "no-cache";
    bool const known = exchange.fields.if_none_match && names_tag(*exchange.fields.if_none_match, state.openapi_tag);
    auto response =
        known ? bare_answer(304, ids, kRevalidate) : text_answer(200, ids, kRevalidate, kJson, state.openapi);
    response.headers.push_back({"ETag", state.openapi_tag});
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
