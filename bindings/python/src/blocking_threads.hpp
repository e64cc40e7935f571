// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace nexpo::python {

/// Runs the function on one of a few threads that are kept for calls which may wait, so that an event loop need not.
/// The function must not throw and must not need the lock of the interpreter. Drops it once `end_blocking_threads` ran.
void run_on_blocking_thread(std::function<void()> function);

/// Ends the threads when they have run what was given to them. Without the lock.
void end_blocking_threads();

}  // namespace nexpo::python
