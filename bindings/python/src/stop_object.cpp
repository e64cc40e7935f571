// SPDX-License-Identifier: Apache-2.0
#include "stop_object.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "gil.hpp"
#include "python_code.hpp"

namespace nexpo::python {

namespace {

using Callback = std::stop_callback<std::function<void()>>;

/// Calls a function when stop is requested, as long as it is entered.
class StopCall {
 public:
    StopCall(std::stop_token token, py::object function) : token_(std::move(token)), function_(std::move(function)) {}
    StopCall(StopCall const&) = delete;
    StopCall& operator=(StopCall const&) = delete;
    ~StopCall() { leave(); }

    void enter() {
        auto call = [function = function_] {
            if (!may_run_python()) return;
            Lock const lock;
            try {
                function.get()();
            } catch (py::error_already_set& raised) {
                raised.discard_as_unraisable("nexpo.Stop.calling");
            }
        };
        // A callback that runs already is waited for, and wants the lock.
        without_gil([&] { callback_ = std::make_unique<Callback>(token_, std::move(call)); });
    }

    void leave() {
        if (callback_) without_gil([this] { callback_.reset(); });
    }

 private:
    std::stop_token token_;
    KeptObject function_;
    std::unique_ptr<Callback> callback_;
};

struct Stop {
    std::stop_token token;

    bool wait(double seconds) const {
        return without_gil([&] {
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock(mutex);
            never.wait_for(lock, token, std::chrono::duration<double>(seconds), [] { return false; });
            return token.stop_requested();
        });
    }
};

}  // namespace

py::object make_stop(std::stop_token token) {
    return py::cast(Stop{std::move(token)});
}

// Local, because the suite of queues has classes of its own for the same.
void register_stop(py::module_& module) {
    py::class_<Stop>(module, "Stop", py::module_local())
        .def_property_readonly("requested", [](Stop const& self) { return self.token.stop_requested(); })
        .def("wait", &Stop::wait, py::arg("seconds"))
        .def("calling", [](Stop const& self, py::object function) {
            return std::make_unique<StopCall>(self.token, std::move(function));
        });
    py::class_<StopCall>(module, "StopCall", py::module_local())
        .def("__enter__", [](StopCall& self) { self.enter(); })
        .def("__exit__", [](StopCall& self, py::args const&) { self.leave(); });
}

}  // namespace nexpo::python
