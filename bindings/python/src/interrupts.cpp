// SPDX-License-Identifier: Apache-2.0
#include "interrupts.hpp"

#include "pybind.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "gil.hpp"

namespace nexpo::python {

namespace {

/// The thread and what it shares with calls. A forked child gets a new one, because it has no such thread.
struct Watcher {
    std::mutex mutex;
    std::stop_source* current = nullptr;
    std::uint64_t number = 0;  ///< Of the current call; guarded.
    std::jthread thread;
};

// What the signal handler touches.
std::atomic<std::uint64_t> running_call{0};      // its number; 0 = none
std::atomic<std::uint64_t> interrupted_call{0};  // its number
sem_t signalled;
struct sigaction python_action {};

Watcher* watcher = nullptr;
bool is_ended = false;

constexpr std::int64_t kLookNanoseconds = 100'000'000;

void on_sigint(int number, siginfo_t* info, void* context) {
    auto const kept = errno;
    if (auto const call = running_call.load(); call != 0) {
        interrupted_call.store(call);
        sem_post(&signalled);
    }
    errno = kept;
    if ((python_action.sa_flags & SA_SIGINFO) != 0) {
        python_action.sa_sigaction(number, info, context);
    } else {
        python_action.sa_handler(number);
    }
}

/// Whether SIGINT raises KeyboardInterrupt.
bool raises_keyboard_interrupt() {
    auto const state = PyGILState_Ensure();
    bool answer = false;
    try {
        auto const signals = py::module_::import("signal");
        answer = signals.attr("getsignal")(SIGINT).is(signals.attr("default_int_handler"));
    } catch (py::error_already_set const&) {
        answer = false;  // the interpreter is going down
    }
    PyGILState_Release(state);
    return answer;
}

void watch(std::stop_token const& end) {
    while (true) {
        while (sem_wait(&signalled) != 0) {
        }
        if (end.stop_requested()) return;
        auto const number = interrupted_call.exchange(0);
        if (number == 0 || !raises_keyboard_interrupt()) continue;
        std::lock_guard const lock(watcher->mutex);
        if (watcher->number == number && watcher->current != nullptr) watcher->current->request_stop();
    }
}

/// Our handler goes before Python's. Programs may set another one at any time, so this is done again and again.
void install_handler() {
    struct sigaction current {};
    if (sigaction(SIGINT, nullptr, &current) != 0) return;
    bool const is_ours = (current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == on_sigint;
    bool const is_handled =
        (current.sa_flags & SA_SIGINFO) != 0 || (current.sa_handler != SIG_DFL && current.sa_handler != SIG_IGN);
    if (is_ours || !is_handled) return;
    python_action = current;
    current.sa_flags |= SA_SIGINFO;
    current.sa_sigaction = on_sigint;
    sigaction(SIGINT, &current, nullptr);
}

void start_thread() {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    watcher->thread = std::jthread(watch);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void forget_parent() {
    running_call = 0;
    interrupted_call = 0;
    watcher = nullptr;  // its mutex may be locked for ever
}

void make_watcher() {
    static bool const once = [] {
        sem_init(&signalled, 0, 0);
        pthread_atfork(nullptr, nullptr, forget_parent);
        return true;
    }();
    static_cast<void>(once);
    watcher = new Watcher;
    start_thread();
}

void look_after_handler() {
    static std::int64_t looked = 0;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    auto const time = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
    if (watcher != nullptr && time - looked < kLookNanoseconds) return;
    looked = time;
    if (watcher == nullptr) make_watcher();
    install_handler();
}

}  // namespace

InterruptibleCall::InterruptibleCall(std::stop_source& stop) : outer_(nullptr) {
    static std::uint64_t last = 0;
    if (is_ended) return;
    look_after_handler();
    std::lock_guard const lock(watcher->mutex);
    outer_ = std::exchange(watcher->current, &stop);
    watcher->number = ++last;
    running_call = last;
}

InterruptibleCall::~InterruptibleCall() {
    if (is_ended || watcher == nullptr) return;
    std::lock_guard const lock(watcher->mutex);
    watcher->current = outer_;
    if (outer_ == nullptr) running_call = 0;
}

void end_interrupts() {
    is_ended = true;
    if (watcher == nullptr) return;
    struct sigaction current {};
    bool const is_ours = sigaction(SIGINT, nullptr, &current) == 0 && (current.sa_flags & SA_SIGINFO) != 0 &&
                         current.sa_sigaction == on_sigint;
    if (is_ours) sigaction(SIGINT, &python_action, nullptr);
    watcher->thread.request_stop();
    sem_post(&signalled);
    watcher->thread.join();
}

}  // namespace nexpo::python
