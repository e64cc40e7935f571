// SPDX-License-Identifier: Apache-2.0
#include "support/durability/subject.hpp"

#include <random>

namespace nexpo::durability {

Subject Script::subject(int worker, int n) const {
    std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                        static_cast<std::uint32_t>(worker), static_cast<std::uint32_t>(n)};
    std::mt19937 random(mixed);
    auto const name_of = [&](int number) {
        return label + "-" + std::to_string(worker) + "-" + std::to_string(number);
    };
    Subject subject{.name = name_of(n)};
    if (worker == 0) {
        subject.kind = n % 2 == 0 ? Subject::Kind::founder : Subject::Kind::refused;
        if (n % 2 == 1) subject.account = name_of(n - 1) + "@example.com";
        return subject;
    }
    if (bundles && random() % 4 == 0) {
        subject.kind = Subject::Kind::bundle;
        return subject;
    }
    subject.updates = static_cast<int>(random() % 4);
    subject.removed = random() % 3 == 0;
    return subject;
}

}  // namespace nexpo::durability
