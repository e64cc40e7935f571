// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "nexpo/gateway.hpp"

namespace nexpo::python {

/// What the library's threads have to say to an event loop. They never take the interpreter's lock for it: they leave
/// a letter, and make a file descriptor readable that the loop watches. Thread-safe.
class Mailbox {
 public:
    /// An answer, or nothing more than that there is something to say.
    struct Letter {
        std::uint64_t receiver = 0;
        std::optional<Response> response{};
        bool is_head = false;  ///< The answer is one to HEAD.
    };

    /// Throws OSError when there is no descriptor left.
    Mailbox();
    Mailbox(Mailbox const&) = delete;
    Mailbox& operator=(Mailbox const&) = delete;
    ~Mailbox();

    /// Readable while there are letters.
    int descriptor() const noexcept { return descriptor_; }
    void post(Letter letter);
    std::vector<Letter> take();

 private:
    int descriptor_;
    std::mutex mutex_;
    std::vector<Letter> letters_;
};

}  // namespace nexpo::python
