// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>

#include "nexpo/log.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"
#include "python_code.hpp"

namespace nexpo::python {

/// A clock whose class is written in Python (`nexpo.plugin.Clock`). While it fails, the time is that of the system.
std::shared_ptr<Clock> make_clock(py::object plugin, Log log);

/// A source of randomness whose class is written in Python (`nexpo.plugin.Random`).
std::shared_ptr<Random> make_random(py::object plugin, Log log);

/// A log whose class is written in Python (`nexpo.plugin.LogSink`). What fails in it is shown as Python shows what is
/// raised where nobody can catch it.
std::shared_ptr<LogSink> make_log(py::object plugin);

}  // namespace nexpo::python
