// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <thread>
#include <utility>

namespace nexpo::net {

/// A thread on which no signal is delivered: signals belong to the application, and a SIGPIPE from a write to a peer
/// that has gone would end it. Throws std::system_error as std::thread does.
template <class F>
std::thread quiet_thread(F&& function) {
    struct Blocked {
        sigset_t before{};
        Blocked() {
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_SETMASK, &all, &before);
        }
        ~Blocked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    };
    Blocked const blocked;
    return std::thread(std::forward<F>(function));
}

}  // namespace nexpo::net
