// SPDX-License-Identifier: Apache-2.0
#include "http/response_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "nexpo/id.hpp"
#include "nexpo/json.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

namespace {

/// The phrases of RFC 9110 section 15 and RFC 6585; a client ignores them.
std::string_view phrase(int status) {
    switch (status) {
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 499:
            return "Client Closed Request";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

bool is_one_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

bool has_body(std::string_view method, int status) {
    return method != "HEAD" && status >= 200 && status != 204 && status != 304;
}

void write_head(std::string& out, Response const& response, std::string_view method, Persistence persistence,
                std::string_view date) {
    out.assign("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(phrase(response.status)).append("\r\nDate: ").append(date).append("\r\n");
    for (auto const& header : response.headers) {
        // A line break would let whoever chose the value write headers of their own.
        if (!is_one_line(header.name) || !is_one_line(header.value)) continue;
        out.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    out.append(response.fixed_headers);
    // RFC 9110 section 8.6: of a body that HEAD leaves out nobody may claim that it is empty.
    bool const length_known = (method != "HEAD" || !response.body.empty()) && !response.source;
    bool const length_allowed = response.status >= 200 && response.status != 204 && response.status != 304;
    if (length_known && length_allowed && !response.header("Content-Length")) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    // HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
    if (response.source && persistence == Persistence::keep_alive) {
        out.append("Transfer-Encoding: chunked\r\nConnection: close\r\n");
    }
    if (persistence == Persistence::close) out.append("Connection: close\r\n");
    if (persistence == Persistence::keep_alive_for_1_0) out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

std::string http_date(std::time_t time) {
    constexpr std::array<char const*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<char const*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 40> text;
    // The names are written here because strftime's follow the locale.
    auto const length = std::strftime(text.data(), text.size(), ", %d ... %Y %H:%M:%S GMT", &parts);
    std::string date = kDays[static_cast<std::size_t>(parts.tm_wday)] + std::string(text.data(), length);
    return date.replace(8, 3, kMonths[static_cast<std::size_t>(parts.tm_mon)]);
}

Response problem(int status, Errc code, std::string_view reason, std::string_view detail) {
    auto const request_id = make_id("req", system_clock()->now(), *system_random());
    std::string title(reason);
    std::ranges::replace(title, '_', ' ');
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
    Json::Object body{{"type", std::string("/problems/").append(reason)},
                      {"title", std::move(title)},
                      {"status", status},
                      {"detail", detail},
                      {"code", to_string(code)},
                      {"reason", reason},
                      {"request_id", request_id}};
    return {.status = status,
            .headers = {{"Content-Type", "application/problem+json"},
                        {"X-Request-Id", request_id},
                        {"Cache-Control", "no-store"}},
            .body = Json(std::move(body)).dump()};
}

}  // namespace nexpo::http_host
