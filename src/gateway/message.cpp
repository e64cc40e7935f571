// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "gateway/ascii.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::inline v1 {

namespace {

std::string const* find_header(std::vector<Header> const& headers, std::string_view name) noexcept {
    for (auto const& header : headers) {
        if (gateway::equal_ignoring_case(header.name, name)) return &header.value;
    }
    return nullptr;
}

struct Line {
    std::string_view name{};
    std::string_view value{};
};

/// Takes the first of some lines; nothing is left when none is well-formed.
std::optional<Line> take_line(std::string_view& lines) noexcept {
    constexpr std::string_view kEnd = "\r\n";
    auto const end = lines.find(kEnd);
    auto const line = lines.substr(0, end);
    auto const colon = line.find(':');
    if (end == std::string_view::npos || colon == std::string_view::npos) return std::nullopt;
    lines.remove_prefix(end + kEnd.size());
    return Line{line.substr(0, colon), gateway::trim(line.substr(colon + 1))};
}

}  // namespace

BodySource::BodySource() = default;
BodySource::~BodySource() = default;
Channel::Channel() = default;
Channel::~Channel() = default;

std::string const* Request::header(std::string_view name) const noexcept {
    return find_header(headers, name);
}

std::optional<std::string_view> Response::header(std::string_view name) const noexcept {
    if (auto const* value = find_header(headers, name)) return *value;
    auto lines = fixed_headers;
    while (auto const line = take_line(lines)) {
        if (gateway::equal_ignoring_case(line->name, name)) return line->value;
    }
    return std::nullopt;
}

std::vector<Header> Response::all_headers() const {
    auto all = headers;
    auto lines = fixed_headers;
    while (auto const line = take_line(lines)) {
        all.push_back({std::string(line->name), std::string(line->value)});
    }
    return all;
}

}  // namespace nexpo::inline v1
