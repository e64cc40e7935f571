// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace nexpo::store {

/// Ends a poll from another thread.
class PgWakeup {
 public:
    PgWakeup() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    PgWakeup(PgWakeup const&) = delete;
    PgWakeup& operator=(PgWakeup const&) = delete;
    ~PgWakeup() {
        if (event_ >= 0) close(event_);
    }

    int event() const noexcept { return event_; }
    void ring() const noexcept {
        std::uint64_t const one = 1;
        (void)!write(event_, &one, sizeof one);
    }
    void silence() const noexcept {
        std::uint64_t count = 0;
        (void)!read(event_, &count, sizeof count);
    }

 private:
    int event_;
};

}  // namespace nexpo::store
