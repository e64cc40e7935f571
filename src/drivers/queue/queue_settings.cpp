// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/queue_settings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.hpp"

namespace nexpo::drivers {

namespace {

constexpr std::size_t kMaxUrlBytes = 4096;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = base::to_lower(c);
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

/// RFC 3986 section 2.1. Control characters mean nothing in any of the parts.
std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '%') {
            if (at + 2 >= text.size()) return std::nullopt;
            auto const high = hex_digit(text[at + 1]);
            auto const low = hex_digit(text[at + 2]);
            if (!high || !low) return std::nullopt;
            c = static_cast<char>(static_cast<unsigned char>(*high * 16 + *low));
            at += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
        decoded += c;
    }
    return decoded;
}

template <class Number>
std::optional<Number> number(std::string_view text, Number least, Number most) {
    Number value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
    return value;
}

/// Takes what stands before the first `mark` off the text; all of it where there is none.
std::string_view take_until(std::string_view& text, char mark) {
    auto const end = std::min(text.find(mark), text.size());
    auto const taken = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    return taken;
}

Result<void> take_user(QueueSettings& settings, std::string_view text) {
    auto user = decode(take_until(text, ':'));
    auto password = decode(text);
    if (!user || !password) return queue_url_invalid("the user or the password is not percent-encoded");
    settings.user = std::move(*user);
    settings.password = Secret(std::move(*password));
    return {};
}

Result<void> take_host(QueueSettings& settings, std::string_view text) {
    std::string_view host;
    if (text.starts_with('[')) {
        text.remove_prefix(1);
        if (text.find(']') == text.npos) return queue_url_invalid("the host is not valid");
        host = take_until(text, ']');
        if (!text.empty() && !text.starts_with(':')) return queue_url_invalid("the host is not valid");
        if (!text.empty()) text.remove_prefix(1);
    } else {
        host = take_until(text, ':');
    }
    auto const fits = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':'; };
    if (host.size() > 255 || !std::all_of(host.begin(), host.end(), fits)) {
        return queue_url_invalid("the host is not valid");
    }
    settings.host = host;
    if (text.empty()) return {};
    auto const port = number<std::uint16_t>(text, 1, 65535);
    if (!port) return queue_url_invalid("the port is not a number from 1 to 65535");
    settings.port = *port;
    return {};
}

Result<void> take_parameter(QueueSettings& settings, std::string const& name, std::string value) {
    if (name == "queue") {
        auto const fits = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
        if (value.empty() || value.size() > 64 || !std::all_of(value.begin(), value.end(), fits)) {
            return queue_url_invalid("the parameter 'queue' takes up to 64 letters, digits, '_' and '-'");
        }
        settings.queue = std::move(value);
    } else if (name == "lease") {
        auto const seconds = number<std::int64_t>(value, 1, 43'200);
        if (!seconds) return queue_url_invalid("the parameter 'lease' takes seconds from 1 to 43200");
        settings.lease = std::chrono::seconds(*seconds);
    } else if (name == "deliveries") {
        auto const most = number<std::int64_t>(value, 1, 1000);
        if (!most) return queue_url_invalid("the parameter 'deliveries' takes a number from 1 to 1000");
        settings.max_deliveries = *most;
    } else if (name == "ca") {
        settings.ca_file = std::move(value);
    } else if (name.empty() || !settings.others.emplace(name, std::move(value)).second) {
        return queue_url_invalid("a parameter is without name or stands twice");
    }
    return {};
}

}  // namespace

Error queue_url_invalid(std::string what) {
    return {Errc::invalid_argument, "queue_url_invalid", "the queue's URL: " + std::move(what)};
}

Result<QueueSettings> parse_queue_url(std::string_view url) {
    QueueSettings settings{.clock = system_clock(), .random = system_random()};
    auto const colon = url.find("://");
    if (url.size() > kMaxUrlBytes || colon == url.npos || colon == 0) {
        return queue_url_invalid("it does not begin with a scheme and '://'");
    }
    auto const fits = [](char c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; };
    if (!std::all_of(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(colon), fits)) {
        return queue_url_invalid("the scheme is not valid");
    }
    settings.scheme = base::to_lower(url.substr(0, colon));
    url.remove_prefix(colon + 3);
    if (url.find('#') != url.npos) return queue_url_invalid("it has a fragment; write '#' as %23");

    auto query = url;
    auto before = take_until(query, '?');
    auto authority = take_until(before, '/');
    if (auto const at = authority.rfind('@'); at != authority.npos) {
        if (auto taken = take_user(settings, authority.substr(0, at)); !taken) return taken.error();
        authority.remove_prefix(at + 1);
    }
    if (auto taken = take_host(settings, authority); !taken) return taken.error();
    auto path = decode(before);
    if (!path) return queue_url_invalid("the path is not percent-encoded");
    settings.path = std::move(*path);
    while (!query.empty()) {
        auto value = take_until(query, '&');
        auto const name = decode(take_until(value, '='));
        auto decoded = decode(value);
        if (!name || !decoded) return queue_url_invalid("a parameter is not percent-encoded");
        if (auto taken = take_parameter(settings, *name, std::move(*decoded)); !taken) return taken.error();
    }
    return settings;
}

}  // namespace nexpo::drivers
