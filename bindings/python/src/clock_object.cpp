// SPDX-License-Identifier: Apache-2.0
#include "clock_object.hpp"

#include <cmath>
#include <memory>

#include "backend_object.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "nexpo/testing/clock.hpp"
#include "plugin_values.hpp"

namespace nexpo::python {

namespace {

using testing::ManualClock;

Timestamp read_time(py::handle object) {
    FromPython reader;
    auto const time = reader.time(object.ptr(), "now");
    if (!reader.violations().empty()) {
        throw_error({Errc::invalid_argument, "validation_failed", "no point in time", reader.violations()});
    }
    return time;
}

void advance(ManualClock& clock, double seconds) {
    constexpr double kMost = 1e10;
    if (!(seconds >= 0.0 && seconds <= kMost)) throw py::value_error("seconds must not be negative");
    clock.advance(std::chrono::microseconds(std::llround(seconds * 1e6)));
}

}  // namespace

void register_clock(py::module_& module) {
    py::class_<ManualClock, std::shared_ptr<ManualClock>>(
        module, "ManualClock", "A clock that stands still until the test moves it: `nexpo.open(..., clock=clock)`.")
        .def(py::init([](py::object const& start) {
                 return start.is_none() ? std::make_shared<ManualClock>()
                                        : std::make_shared<ManualClock>(read_time(start));
             }),
             py::arg("start") = py::none(), "Starts at 2026-01-01T00:00:00Z unless another time is given.")
        .def(
            "now", [](ManualClock const& clock) { return py::reinterpret_steal<py::object>(to_python(clock.now())); },
            "The time of day.")
        .def("advance", advance, py::arg("seconds"), "Moves it by so many seconds.")
        .def(
            "set", [](ManualClock& clock, py::handle now) { clock.set(read_time(now)); }, py::arg("now"),
            "Sets the time of day, forwards or backwards.");
    add_extra("clock", [](Config& config, py::handle clock) {
        if (py::isinstance<ManualClock>(clock)) {
            config.clock = clock.cast<std::shared_ptr<ManualClock>>();
        } else {
            config.clock = make_clock(py::reinterpret_borrow<py::object>(clock), config.log);
        }
    });
}

}  // namespace nexpo::python
