// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/ascii.hpp"
#include "net/http_error.hpp"

namespace nexpo::net {
namespace {

constexpr std::size_t kMaxUrlBytes = 8192;

struct FreeUrl {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::optional<std::string> part(CURLU* url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return std::nullopt;
    std::string copy(text);
    curl_free(text);
    return copy;
}

/// Printable ASCII only: other bytes are to be escaped (RFC 3986), names of hosts in their A-label form (RFC 5890).
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// libcurl takes `http:///name` for `http://name`.
bool has_three_slashes(std::string_view text) {
    auto const colon = text.find_first_of(":/?");
    return colon != std::string_view::npos && text.substr(colon).starts_with(":///");
}

/// Takes the text over as a whole or relative to what the handle holds.
Result<void> read(CURLU* url, std::string_view text, unsigned flags = CURLU_DISALLOW_USER) {
    if (url == nullptr) return url_invalid("The URL cannot be read.");
    if (text.size() > kMaxUrlBytes) return url_invalid("The URL is too long.");
    if (text.empty() || !is_plain(text)) return url_invalid("The URL holds characters that must be escaped.");
    if (has_three_slashes(text)) return url_invalid("The URL has no host.");
    switch (curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), flags)) {
        case CURLUE_OK:
            return {};
        case CURLUE_USER_NOT_ALLOWED:
            return url_invalid("The URL must not hold user information.");
        case CURLUE_UNSUPPORTED_SCHEME:
            return url_invalid("The URL must begin with http:// or https://.");
        default:
            return url_invalid("This is not an absolute http or https URL.");
    }
}

/// A lone word would be taken for a path or a host.
Result<void> read_absolute(CURLU* url, std::string_view text, unsigned flags = CURLU_DISALLOW_USER) {
    if (text.find("://") == std::string_view::npos) return url_invalid("This is not an absolute http or https URL.");
    return read(url, text, flags);
}

Result<Url> examine(CURLU* handle) {
    curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
    auto const scheme = part(handle, CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return url_invalid("The URL must begin with http:// or https://.");
    if (part(handle, CURLUPART_USER) || part(handle, CURLUPART_PASSWORD)) {
        return url_invalid("The URL must not hold user information.");
    }
    if (part(handle, CURLUPART_ZONEID)) return url_invalid("The URL must not name a network interface.");
    auto host = part(handle, CURLUPART_HOST);
    auto const port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    auto text = part(handle, CURLUPART_URL);
    if (!host || !port || !text || text->size() > kMaxUrlBytes) return url_invalid("This is not an http or https URL.");

    // `%30` becomes `0` only after numbers have become addresses: what connects would find 0.0.0.0 in the text.
    UrlHandle const again(curl_url());
    if (!read(again.get(), *text) || part(again.get(), CURLUPART_HOST) != host) {
        return url_invalid("The host is not valid.");
    }

    Url url{.text = std::move(*text), .secure = scheme == "https", .host = base::to_lower(*host)};
    if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
    if (url.host.ends_with('.')) url.host.pop_back();
    // Escapes in a host are decoded by the parser, what looks like some stays: look again.
    bool const is_name = is_plain(url.host) && url.host.find('%') == std::string::npos;
    if (url.host.empty() || url.host.size() > 253 || !is_name) return url_invalid("The host is not valid.");
    std::from_chars(port->data(), port->data() + port->size(), url.port);
    if (url.port == 0) return url_invalid("The port is not valid.");
    return url;
}

}  // namespace

std::string Url::origin() const {
    std::string const scheme = secure ? "https://" : "http://";
    bool const is_v6 = host.find(':') != std::string::npos;
    return scheme + (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
    UrlHandle const handle(curl_url());
    if (auto done = read_absolute(handle.get(), text); !done) return done.error();
    return examine(handle.get());
}

Result<Url> resolve_url(Url const& base, std::string_view reference) {
    UrlHandle const handle(curl_url());
    if (auto done = read(handle.get(), base.text); !done) return done.error();
    if (auto done = read(handle.get(), reference); !done) return done.error();
    return examine(handle.get());
}

Result<Proxy> parse_proxy(std::string_view text) {
    UrlHandle const handle(curl_url());
    if (auto done = read_absolute(handle.get(), text, 0); !done) return done.error();
    Proxy proxy{.user = part(handle.get(), CURLUPART_USER, CURLU_URLDECODE).value_or(""),
                .password = part(handle.get(), CURLUPART_PASSWORD, CURLU_URLDECODE).value_or("")};
    curl_url_set(handle.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(handle.get(), CURLUPART_PASSWORD, nullptr, 0);
    bool const has_port = part(handle.get(), CURLUPART_PORT).has_value();
    auto url = examine(handle.get());
    if (!url) return url.error();
    proxy.url = std::move(*url);
    if (!has_port && !proxy.url.secure) proxy.url.port = 1080;
    return proxy;
}

}  // namespace nexpo::net
