// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_message.hpp"

#include <algorithm>
#include <chrono>

namespace nexpo::notification {

namespace {

constexpr std::size_t kMaxFilter = 100;

/// Standard Webhooks, "Payload structure": segments of letters, digits and underscores.
bool is_segment(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool fits(std::string_view filter, std::string_view event) {
    if (!filter.ends_with(".*")) return filter == event;
    filter.remove_suffix(1);
    return event.size() > filter.size() && event.starts_with(filter);
}

}  // namespace

std::string webhook_body(std::string_view event, Timestamp happened_at, Json const& data) {
    std::string body = R"({"type":)";
    body.append(Json(event).dump()).append(R"(,"timestamp":")").append(to_string(happened_at));
    return body.append(R"(","data":)").append(data.dump()).append("}");
}

std::string webhook_message_id(std::string_view event_id) {
    return std::string("msg_").append(event_id.substr(event_id.rfind('_') + 1));
}

WebhookHeaders sign_webhook(std::span<WebhookSigner const> signers, std::string_view message_id, Timestamp now,
                            std::string_view body) {
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    WebhookHeaders headers{.timestamp = std::to_string(seconds)};
    std::string content;
    content.reserve(message_id.size() + headers.timestamp.size() + body.size() + 2);
    content.append(message_id).append(".").append(headers.timestamp).append(".").append(body);
    for (auto const& signer : signers) {
        headers.signature.append(headers.signature.empty() ? "" : " ").append(signer.sign(content));
    }
    return headers;
}

bool webhook_wants(std::span<std::string const> filters, std::string_view event) {
    return filters.empty() ||
           std::ranges::any_of(filters, [&](std::string const& filter) { return fits(filter, event); });
}

bool is_webhook_filter(std::string_view text) {
    if (text.size() > kMaxFilter) return false;
    auto dot = text.find('.');
    if (dot == text.npos) return false;
    while (dot != text.npos) {
        if (!is_segment(text.substr(0, dot))) return false;
        text.remove_prefix(dot + 1);
        dot = text.find('.');
    }
    return text == "*" || is_segment(text);
}

}  // namespace nexpo::notification
