// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/random.hpp"
#include "nexpo/store.hpp"
#include "work/kinds.hpp"

namespace nexpo::work {

/// Keeps the schedules that the application declares as it declares them now, and removes those of its kinds that it
/// does not declare any more. Harmless when several processes do it at once.
Result<void> declare_schedules(Transaction const& tx, Kinds const& kinds, Timestamp now, Random& random);

}  // namespace nexpo::work
