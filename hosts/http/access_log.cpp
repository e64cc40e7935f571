// SPDX-License-Identifier: Apache-2.0
#include "http/access_log.hpp"

#include <array>

#include "nexpo/log.hpp"
#include "nexpo/time.hpp"

namespace nexpo::http_host {

std::string access_line(AccessRecord const& record) {
    auto const microseconds = std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count();
    std::array<LogField, 7> const fields = {{
        {"method", record.method},
        {"path", record.target.substr(0, record.target.find('?'))},
        {"status", std::int64_t{record.status}},
        {"bytes", static_cast<std::int64_t>(record.bytes)},
        {"duration_ms", static_cast<double>(microseconds) / 1000.0},
        {"peer", record.peer},
        {"request_id", record.request_id},
    }};
    return to_json_line({system_clock()->now(), LogLevel::info, "request", fields});
}

}  // namespace nexpo::http_host
