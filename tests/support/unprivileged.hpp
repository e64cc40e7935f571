// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace nexpo::inline v1::testing {

/// Gives the super-user's rights up for a while, so that file modes count; for others it does nothing.
class Unprivileged {
 public:
    Unprivileged() : before_(geteuid()) {
        constexpr uid_t kNobody = 65534;
        if (before_ == 0 && seteuid(kNobody) != 0) throw std::system_error(errno, std::generic_category(), "seteuid");
    }
    Unprivileged(Unprivileged const&) = delete;
    Unprivileged& operator=(Unprivileged const&) = delete;
    ~Unprivileged() { (void)!seteuid(before_); }

 private:
    uid_t before_;
};

}  // namespace nexpo::inline v1::testing
