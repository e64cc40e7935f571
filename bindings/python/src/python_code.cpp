// SPDX-License-Identifier: Apache-2.0
#include "python_code.hpp"

#include "errors.hpp"
#include "gil.hpp"
#include "nexpo/time.hpp"

namespace nexpo::python {

namespace {

std::string traceback_of(py::error_already_set const& raised) {
    auto const lines =
        py::module_::import("traceback")
            .attr("format_exception")(raised.type(), raised.value(), raised.trace() ? raised.trace() : py::none());
    return py::str("").attr("join")(lines).cast<std::string>();
}

std::string name_of(py::error_already_set const& raised) {
    return raised.type().attr("__name__").cast<std::string>();
}

}  // namespace

KeptObject::KeptObject(py::object object)
    : object_(object.release().ptr(), [](PyObject* kept) {
          if (!may_run_python()) return;  // it goes with the interpreter
          Lock const lock;
          Py_DECREF(kept);
      }) {}

bool may_run_python() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    bool const is_going = Py_IsFinalizing() != 0;
#else
    bool const is_going = _Py_IsFinalizing() != 0;
#endif
    return Py_IsInitialized() != 0 && (!is_going || PyGILState_Check() != 0);
}

void report(py::error_already_set& raised, Log const& log, std::string_view what) {
    if (!log) return;
    std::string traceback;
    try {
        traceback = traceback_of(raised);
    } catch (py::error_already_set const& broken) {
        traceback = broken.what();
    }
    std::array const fields{LogField{"in", what}, LogField{"traceback", std::string_view(traceback)}};
    log->write({.time = system_clock()->now(),
                .level = LogLevel::error,
                .message = "Python code of the application failed",
                .fields = fields});
}

Error caught(py::error_already_set& raised, Log const& log, std::string_view what) {
    try {
        if (py::isinstance(raised.value(), py::module_::import("nexpo._errors").attr("Error"))) {
            return to_error(raised.value());
        }
        if (raised.matches(PyExc_KeyboardInterrupt) && is_main_thread()) {
            PyErr_SetInterrupt();
            return {Errc::cancelled, "interrupted", "the program was interrupted"};
        }
        report(raised, log, what);
        return {Errc::internal, "exception", std::string(what) + ": " + name_of(raised) + ", see the log"};
    } catch (py::error_already_set const& broken) {  // an exception that cannot even be looked at
        return {Errc::internal, "exception", std::string(what) + ": " + broken.what()};
    }
}

Error interpreter_gone() {
    return {Errc::unavailable, "closed", "the interpreter is going down"};
}

}  // namespace nexpo::python
