// SPDX-License-Identifier: Apache-2.0
#include "gil.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace nexpo::python {

namespace {

bool is_finalizing() {
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsFinalizing() != 0;
#else
    return _Py_IsFinalizing() != 0;
#endif
}

}  // namespace

bool is_main_thread() {
    // Asked for again in a forked child, where the numbers are others.
    static thread_local pid_t asked_in = 0;
    static thread_local bool answer = false;
    if (auto const process = getpid(); process != asked_in) {
        asked_in = process;
        answer = syscall(SYS_gettid) == process;
    }
    return answer;
}

void take_gil(PyThreadState* state) {
    while (is_finalizing() && !is_main_thread()) pause();
    PyEval_RestoreThread(state);
}

}  // namespace nexpo::python
