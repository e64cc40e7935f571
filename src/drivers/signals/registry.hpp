// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "store/signals.hpp"
#include "telemetry/log.hpp"

namespace nexpo::drivers {

/// What carries signals over the server that a URL names, such as `redis://localhost?queue=nexpo`. Nothing is asked of
/// it yet. Errors: invalid_argument (`signals_url_invalid`).
Result<std::shared_ptr<store::SignalRelay>> open_signal_relay(std::string_view url, std::shared_ptr<Random> random,
                                                              telemetry::Logger log);

}  // namespace nexpo::drivers
