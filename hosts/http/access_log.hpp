// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace nexpo::http_host {

/// What is logged of one request. The query, headers and body never are: they may hold credentials.
struct AccessRecord {
    std::string_view method{};
    std::string_view target{};
    int status = 0;
    std::size_t bytes = 0;  ///< Of the response's body.
    std::chrono::steady_clock::duration duration{};
    std::string_view peer{};
    std::string_view request_id{};
};

/// One line of JSON in the form of the library's log lines.
std::string access_line(AccessRecord const& record);

}  // namespace nexpo::http_host
