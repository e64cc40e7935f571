// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nexpo/backend.hpp"

namespace nexpo::python {

/// An open backend, as all that was made from it in Python shares it.
struct BackendEntry {
    Backend backend;
    bool embedded = true;  ///< Its reads do not wait for a server.
};

/// Remembers an open backend, so that it is closed before the interpreter goes.
void remember(std::shared_ptr<BackendEntry> const& entry);

/// Closes those that are still open. Without the lock.
void close_all();

}  // namespace nexpo::python
