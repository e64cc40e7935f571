// SPDX-License-Identifier: Apache-2.0
#include "gateway/content_coding.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/gzip.hpp"
#include "gateway/ascii.hpp"
#include "gateway/entity_tag.hpp"
#include "gateway/weight.hpp"

namespace nexpo::gateway {

namespace {

constexpr int kUnnamed = -1;

std::string_view take_until(std::string_view& text, char separator) noexcept {
    auto const end = text.find(separator);
    auto const piece = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return piece;
}

/// Weights in thousandths.
struct Weights {
    int gzip = kUnnamed;
    int identity = kUnnamed;
    int any = kUnnamed;

    void read(std::string_view list) noexcept {
        while (!list.empty()) {
            auto element = take_until(list, ',');
            auto const coding = take_until(element, ';');
            int weight = 1000;
            if (auto const parameter = trim(element); !parameter.empty()) {
                bool const is_weight = equal_ignoring_case(parameter.substr(0, 2), "q=");
                weight = is_weight ? parse_weight(parameter.substr(2)) : 0;
            }
            // RFC 9110 section 8.4.1.3: x-gzip is another name of it.
            if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
                gzip = std::max(gzip, weight);
            } else if (equal_ignoring_case(coding, "identity")) {
                identity = std::max(identity, weight);
            } else if (coding == "*") {
                any = std::max(any, weight);
            }
        }
    }
};

/// BREACH: who can have text of their choice compressed together with a secret learns the secret from the lengths. What
/// the answers to credential operations hold is never compressed. Other answers hold none, and a foreign page cannot
/// even ask for them in a user's name, because browsers do not add access tokens by themselves.
///
/// Answers to mutations come from the database's one writing thread, which has better things to do.
bool may_be_compressed(Exchange const& exchange) noexcept {
    auto const* operation = exchange.route == nullptr ? nullptr : exchange.route->operation;
    return operation == nullptr || (operation->info.kind == OperationKind::query && !operation->info.credentials);
}

}  // namespace

CodingWish coding_wish(std::vector<Header> const& headers) noexcept {
    Weights weights;
    for (auto const& [name, value] : headers) {
        if (equal_ignoring_case(name, "accept-encoding")) weights.read(value);
    }
    auto const gzip = weights.gzip == kUnnamed ? weights.any : weights.gzip;
    if (gzip <= 0) return CodingWish::plain;
    auto const identity = weights.identity == kUnnamed && weights.any == 0 ? 0 : weights.identity;
    if (identity == 0) return CodingWish::coded;
    return identity > gzip ? CodingWish::plain : CodingWish::gzip;
}

bool is_compressible(std::string_view content_type) noexcept {
    auto const type = trim(content_type.substr(0, content_type.find(';')));
    return type == "application/json" || type.ends_with("+json") || type.starts_with("text/");
}

void compress(Response& response, Exchange const& exchange, GatewayState const& state) {
    if (!state.config.compress || response.body.empty() || !may_be_compressed(exchange)) return;
    auto const wish = coding_wish(exchange.request.headers);
    if (wish == CodingWish::plain) return;
    bool const is_short = std::cmp_less(response.body.size(), state.config.compress_min_bytes);
    if (is_short && wish != CodingWish::coded) return;
    auto const type = response.header("Content-Type");
    if (!type || !is_compressible(*type) || response.header("Content-Encoding")) return;
    auto body = base::gzip(response.body);
    bool const is_better = body && (body->size() < response.body.size() || wish == CodingWish::coded);
    if (is_better) set_compressed(response, std::move(*body));
}

void set_compressed(Response& response, std::string body) {
    response.body = std::move(body);
    response.headers.push_back({"Content-Encoding", "gzip"});
    // RFC 9110 section 8.8.3.3: another sequence of bytes has another strong tag.
    for (auto& [name, value] : response.headers) {
        if (name == "ETag") value = gzip_tag(value);
    }
}

}  // namespace nexpo::gateway
