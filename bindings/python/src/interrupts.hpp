// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

namespace nexpo::python {

/// A call on the main thread that Ctrl-C stops. Python notices signals only between its own instructions; a thread of
/// ours, which sleeps until there is a SIGINT, asks the call to stop. Only where SIGINT means KeyboardInterrupt: what
/// other handlers do is for Python to find out after the call.
class InterruptibleCall {
 public:
    /// On the main thread, with the lock; `stop` must outlive this object.
    explicit InterruptibleCall(std::stop_source& stop);
    InterruptibleCall(InterruptibleCall const&) = delete;
    InterruptibleCall& operator=(InterruptibleCall const&) = delete;
    ~InterruptibleCall();

 private:
    std::stop_source* outer_;
};

/// Ends the thread; later calls cannot be interrupted any more. Without the lock.
void end_interrupts();

}  // namespace nexpo::python
