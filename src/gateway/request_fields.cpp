// SPDX-License-Identifier: Apache-2.0
#include "gateway/request_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/ascii.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::size_t kMaxIdempotencyKey = 255;

void take(SingleField& field, std::string const& value) {
    if (field.count++ == 0) field.value = trim(value);
}

void join(std::optional<std::string>& list, std::string_view value) {
    if (list) {
        list->append(", ").append(value);
    } else {
        list.emplace(value);
    }
}

/// RFC 6750 section 2.1: b64token.
bool is_token68(std::string_view text) {
    auto const padding = text.find('=');
    auto const body = text.substr(0, padding);
    if (body.empty()) return false;
    if (padding != std::string_view::npos && text.find_first_not_of('=', padding) != std::string_view::npos) {
        return false;
    }
    static constexpr auto kAllowed = [] {
        std::array<bool, 256> allowed{};
        for (unsigned c = 0; c < allowed.size(); ++c) {
            auto const letter = static_cast<char>(c);
            allowed[c] = is_digit(letter) || is_letter(letter) ||
                         std::string_view("-._~+/").find(letter) != std::string_view::npos;
        }
        return allowed;
    }();
    return std::ranges::all_of(body, [](char c) { return kAllowed[static_cast<unsigned char>(c)]; });
}

/// The content of a string of structured fields (RFC 9651 section 3.3.3), or nothing.
std::optional<std::string> unquote(std::string_view text) {
    if (text.size() < 2 || text.back() != '"') return std::nullopt;
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] == '\\') {
            ++i;
            if (i + 1 >= text.size() || (text[i] != '"' && text[i] != '\\')) return std::nullopt;
        }
        out += text[i];
    }
    return out;
}

}  // namespace

RequestFields read_fields(std::vector<Header> const& headers) {
    RequestFields fields;
    for (auto const& [name, value] : headers) {
        fields.size += name.size() + value.size();
        auto const is = [&name = name](std::string_view wanted) { return equal_ignoring_case(name, wanted); };
        switch (name.size()) {
            case 6:
                if (is("accept")) join(fields.accept, value);
                if (is("origin")) take(fields.origin, value);
                break;
            case 8:
                if (is("if-match")) join(fields.if_match, value);
                break;
            case 11:
                if (is("traceparent")) take(fields.traceparent, value);
                break;
            case 12:
                if (is("content-type")) take(fields.content_type, value);
                if (is("x-request-id")) take(fields.request_id, value);
                break;
            case 13:
                if (is("authorization")) take(fields.authorization, value);
                if (is("if-none-match")) join(fields.if_none_match, value);
                if (is("last-event-id")) take(fields.last_event_id, value);
                break;
            case 15:
                if (is("idempotency-key")) take(fields.idempotency_key, value);
                break;
            case 16:
                if (is("content-encoding")) take(fields.content_encoding, value);
                break;
            case 29:
                if (is("access-control-request-method")) take(fields.preflight_method, value);
                break;
            default:
                break;
        }
    }
    return fields;
}

std::string bearer_token(SingleField const& authorization) {
    constexpr std::string_view kScheme = "Bearer ";
    auto const text = authorization.value;
    if (authorization.count != 1 || !equal_ignoring_case(text.substr(0, kScheme.size()), kScheme)) return {};
    auto const token = trim(text.substr(kScheme.size()));
    return is_token68(token) ? std::string(token) : std::string();
}

Result<std::string> parse_idempotency_key(SingleField const& header) {
    auto key = header.value.starts_with('"') ? unquote(header.value) : std::string(header.value);
    bool const good = header.count == 1 && key && !key->empty() && key->size() <= kMaxIdempotencyKey &&
                      std::ranges::all_of(*key, is_visible);
    if (good) return std::move(*key);
    return Error{.code = Errc::invalid_argument,
                 .reason = "header_invalid",
                 .message = "A header cannot be understood.",
                 .violations = {{"", "idempotency_key",
                                 "Idempotency-Key must stand once and be 1 to 255 visible ASCII characters."}}};
}

}  // namespace nexpo::gateway
