// SPDX-License-Identifier: Apache-2.0
#include "mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace nexpo::python {

Mailbox::Mailbox() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ >= 0) return;
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
}

Mailbox::~Mailbox() {
    close(descriptor_);
}

void Mailbox::post(Letter letter) {
    std::scoped_lock const lock(mutex_);
    letters_.push_back(std::move(letter));
    if (letters_.size() > 1) return;  // the loop has been told
    std::uint64_t const one = 1;
    // It is never full: nobody adds to it before it has been read.
    static_cast<void>(!write(descriptor_, &one, sizeof one));
}

std::vector<Mailbox::Letter> Mailbox::take() {
    std::scoped_lock const lock(mutex_);
    std::uint64_t count = 0;
    static_cast<void>(!read(descriptor_, &count, sizeof count));
    return std::exchange(letters_, {});
}

}  // namespace nexpo::python
