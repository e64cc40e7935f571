// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nexpo::base {

/// A number that a forked child does not share with its parent. Costs no system call, unlike the process id: every call
/// asks for it. Thread-safe.
int process_generation() noexcept;

/// The processors that this process may use, at least 1: fewer than the machine has where it is confined to some.
unsigned usable_processors() noexcept;

}  // namespace nexpo::base
