// SPDX-License-Identifier: Apache-2.0
#include "nexpo/plugin/queue.hpp"

namespace nexpo::inline v1 {

// Out of line, so that the tables of the interfaces stand in the library alone.
Queue::~Queue() = default;
QueueDeadLetters::~QueueDeadLetters() = default;

}  // namespace nexpo::inline v1
