// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway_state.hpp"

#include <utility>

#include "base/gzip.hpp"
#include "gateway/entity_tag.hpp"
#include "gateway/openapi.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::pair<std::string_view, OwnPage> kPages[] = {{"/", OwnPage::index},
                                                           {"/openapi.json", OwnPage::openapi},
                                                           {"/health/live", OwnPage::live},
                                                           {"/health/ready", OwnPage::ready},
                                                           {"/metrics", OwnPage::metrics}};

Json index_page() {
    Json links;
    links.set("openapi", "/openapi.json")
        .set("live", "/health/live")
        .set("ready", "/health/ready")
        .set("metrics", "/metrics");
    Json page;
    page.set("name", "nexpo").set("version", NEXPO_VERSION).set("links", std::move(links));
    return page;
}

void add_route(GatewayState& state, Route route) {
    if (!state.router.add(route.method, route.path, state.routes.size())) return;
    if (route.operation != nullptr && route.operation->info.may_block) {
        state.blocking_methods.insert(route.method);
        if (route.method == "GET") state.blocking_methods.insert("HEAD");
    }
    state.routes.push_back(std::move(route));
}

std::shared_ptr<GatewayState const> make_state(BackendState& backend) {
    auto state = std::make_shared<GatewayState>(backend.gateway_config);
    for (auto const& [path, page] : kPages) {
        add_route(*state, {.method = "GET", .path = std::string(path), .page = page});
    }
    auto const operations =
        backend.gateway_config.operations ? backend.pipeline->operations() : std::span<AnyOperation const>();
    for (auto const& operation : operations) {
        if (auto route = make_route(operation)) add_route(*state, std::move(*route));
    }
    state->index = index_page().dump();
    state->openapi = openapi_document(operations, NEXPO_VERSION).dump();
    state->openapi_tag = content_tag(state->openapi);
    auto const streams = [&](char const* door) {
        return &backend.metrics->gauge("nexpo_open_streams", "Streams of events that clients have open.",
                                       {{"door", door}});
    };
    state->event_streams = streams("sse");
    state->channels = streams("websocket");
    for (int const status : {400, 404, 405, 406, 413, 414, 415, 431}) {
        state->refusals[status] = &backend.metrics->counter("nexpo_http_refusals_total",
                                                            "Requests that the gateway answered itself with an error.",
                                                            {{"status", std::to_string(status)}});
    }
    return state;
}

}  // namespace

std::string const& GatewayState::openapi_compressed() const {
    std::call_once(compressed_once_, [this] { openapi_compressed_ = base::gzip(openapi).value_or(std::string()); });
    return openapi_compressed_;
}

void GatewayState::complete(Response& response, SingleField const& origin, bool secure) const {
    bool const readable = cors.allows(origin);
    if (readable && !cors.allows_any()) {
        response.headers.push_back({"Access-Control-Allow-Origin", std::string(origin.value)});
    }
    response.fixed_headers = fixed_headers.lines(secure, readable);
}

GatewayState const& gateway_state(BackendState& backend) {
    std::call_once(backend.gateway_once, [&] { backend.gateway = make_state(backend); });
    return *backend.gateway;
}

}  // namespace nexpo::gateway
