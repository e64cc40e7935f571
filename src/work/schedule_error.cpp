// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_error.hpp"

#include <utility>

namespace nexpo::work {

namespace {

Error refusal(std::string reason, std::string field, std::string rule, std::string message) {
    return {.code = Errc::invalid_argument,
            .reason = std::move(reason),
            .message = message,
            .violations = {{.field = std::move(field), .rule = std::move(rule), .message = message}}};
}

}  // namespace

Error rule_error(std::string rule, std::string message) {
    return refusal("schedule_rule_invalid", "/rule", std::move(rule), std::move(message));
}

Error never_error() {
    return refusal("schedule_never_due", "/rule", "never",
                   "The rule has no time up to the year 9999, or so seldom that none is found.");
}

Error zone_error() {
    return refusal("time_zone_unknown", "/time_zone", "time_zone",
                   "A time zone is a name of the IANA database that this system has, for example Europe/Berlin.");
}

Error start_error() {
    return refusal("schedule_start_invalid", "/start_at", "range", "A schedule starts in the years 1 to 9999.");
}

}  // namespace nexpo::work
