// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "nexpo/error.hpp"
#include "nexpo/log.hpp"
#include "nexpo/result.hpp"

namespace nexpo::python {

/// A Python object that the library keeps. Copied and let go on any thread, with or without the interpreter's lock.
class KeptObject {
 public:
    KeptObject() = default;
    /// With the lock.
    explicit KeptObject(py::object object);

    explicit operator bool() const noexcept { return object_ != nullptr; }
    /// With the lock.
    py::handle get() const noexcept { return {object_.get()}; }

 private:
    std::shared_ptr<PyObject> object_;
};

/// Whether Python code may be run from here: the interpreter is not going down.
bool may_run_python() noexcept;

/// The interpreter's lock on whatever thread this is, whether it has it already or not. Only while `may_run_python`.
class Lock {
 public:
    Lock() : state_(PyGILState_Ensure()) {}
    Lock(Lock const&) = delete;
    Lock& operator=(Lock const&) = delete;
    ~Lock() { PyGILState_Release(state_); }

 private:
    PyGILState_STATE state_;
};

/// Where the tracebacks of the application's own code go.
using Log = std::shared_ptr<LogSink>;

/// What became of Python code that raised: the code and reason of a `nexpo.Error`; for everything else `internal`, with
/// the traceback in the log. Ctrl-C in the middle of it makes `cancelled`, and is raised again in the main thread once
/// the library has answered. `what` names the code. With the lock.
Error caught(py::error_already_set& raised, Log const& log, std::string_view what);

/// The same for what is raised where nothing but a log could take it.
void report(py::error_already_set& raised, Log const& log, std::string_view what);

/// The answer when the interpreter has gone.
Error interpreter_gone();

/// Runs `function` with the lock; it answers a `Result` or what an `Error` can be made into. Whatever it raises or
/// throws becomes an error.
template <class F>
std::invoke_result_t<F&> run_python(Log const& log, std::string_view what, F&& function) {
    if (!may_run_python()) return interpreter_gone();
    Lock const lock;
    try {
        return function();
    } catch (py::error_already_set& raised) {
        return caught(raised, log, what);
    } catch (Exception const& exception) {
        return exception.error();
    } catch (std::exception const& exception) {  // pybind11's own, such as cast_error
        return Error{Errc::internal, "exception", std::string(what) + ": " + exception.what()};
    }
}

}  // namespace nexpo::python
