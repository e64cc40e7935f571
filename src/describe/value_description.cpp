// SPDX-License-Identifier: Apache-2.0
#include "nexpo/backend.hpp"
#include "nexpo/money.hpp"
#include "nexpo/page.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<Money>) {
    return structure<Money>("Money", field("amount", &Money::amount).required().doc("In the currency's minor unit."),
                            field("currency", &Money::currency).required().format(Format::currency).doc("ISO 4217."));
}

StructType describe(Type<Empty>) {
    return structure<Empty>("Empty");
}

StructType describe(Type<HealthCheck>) {
    return structure<HealthCheck>("HealthCheck", field("name", &HealthCheck::name), field("ok", &HealthCheck::ok),
                                  field("latency_ms", &HealthCheck::latency_ms),
                                  field("message", &HealthCheck::message));
}

StructType describe(Type<Health>) {
    return structure<Health>("Health", field("ok", &Health::ok), field("checks", &Health::checks));
}

}  // namespace nexpo::inline v1
