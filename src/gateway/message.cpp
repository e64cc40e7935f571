// SPDX-License-Identifier: Apache-2.0
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

}  // namespace

std::string const* Request::header(std::string_view name) const noexcept {
    return find_header(headers, name);
}

std::string const* Response::header(std::string_view name) const noexcept {
    return find_header(headers, name);
}

}  // namespace nexpo::inline v1
