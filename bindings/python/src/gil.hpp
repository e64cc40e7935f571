// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <type_traits>
#include <utility>

namespace nexpo::python {

/// Takes the lock of the interpreter back. A thread that comes too late, when the interpreter is already going down,
/// sleeps until the process ends: Python would end the thread here, through frames that cannot be unwound.
void take_gil(PyThreadState* state);

/// Runs `function` without the lock of the interpreter, so that other Python threads go on meanwhile. Not a guard with
/// a destructor: Python may have to unwind the thread from where it waits for the lock.
template <class F>
auto without_gil(F&& function) {
    auto* state = PyEval_SaveThread();
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
            function();
            take_gil(state);
        } else {
            auto answer = function();
            take_gil(state);
            return answer;
        }
    } catch (std::exception const&) {
        take_gil(state);
        throw;
    }
}

/// Whether this is the thread that Python delivers signals to.
bool is_main_thread();

}  // namespace nexpo::python
