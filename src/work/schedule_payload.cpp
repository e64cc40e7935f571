// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_payload.hpp"

#include <utility>
#include <vector>

#include "describe/codec.hpp"
#include "work/job_queue.hpp"
#include "work/short_text.hpp"

namespace nexpo::work {

Result<std::shared_ptr<void>> read_payload(AnyJob const& kind, Json const& payload) {
    auto input = kind.input->make();
    std::vector<Violation> violations;
    describe::read_json(*kind.input, input.get(), payload, describe::Source::caller, violations);
    if (violations.empty()) {
        auto valid = validate(*kind.input, input.get());
        if (!valid) violations = std::move(valid).error().violations;
    }
    // As for jobs that are queued one by one.
    auto const text = payload.dump();
    if (text.size() > kMaxPayload) violations.push_back({"", "max", "must not be longer than 1 MiB as JSON"});
    if (violations.empty() && holds_nul(text)) violations.push_back({"", "no_nul", "must not hold U+0000"});
    if (nests_too_deep(text)) violations.push_back({"", "max_depth", "must not nest more than 256 levels deep"});
    if (violations.empty()) return input;
    for (auto& violation : violations) violation.field.insert(0, "/payload");
    return describe::validation_error(std::move(violations));
}

}  // namespace nexpo::work
