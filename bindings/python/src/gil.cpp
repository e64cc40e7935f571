// SPDX-License-Identifier: Apache-2.0
#include "gil.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

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
    // A system call for each question would be a part of what a call may cost. In a forked child the answer is another.
    static std::atomic<int> forks{1};
    static bool const once = [] {
        pthread_atfork(nullptr, nullptr, [] { ++forks; });
        return true;
    }();
    static_cast<void>(once);
    static thread_local int asked_after = 0;
    static thread_local bool answer = false;
    if (auto const now = forks.load(std::memory_order_relaxed); now != asked_after) {
        asked_after = now;
        answer = syscall(SYS_gettid) == getpid();
    }
    return answer;
}

void take_gil(PyThreadState* state) {
    while (is_finalizing() && !is_main_thread()) pause();
    PyEval_RestoreThread(state);
}

}  // namespace nexpo::python
