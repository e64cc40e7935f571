// SPDX-License-Identifier: Apache-2.0
// TZif files.
#include "work/time_zone.hpp"

#include "fuzz/fuzz.hpp"

NEXPO_FUZZ_TARGET(time_zone) {
    using nexpo::fuzz::require;
    using nexpo::work::TimeZone;
    auto const zone = TimeZone::read(input);
    if (!zone) return;
    auto at = TimeZone::kBegin;
    for (int i = 0; i < 1000 && at < TimeZone::kFinish; ++i) {
        auto const stretch = zone->stretch(at);
        require(stretch.begin <= at && at < stretch.finish, "a stretch holds what it was asked for");
        at = stretch.finish;
    }
}
