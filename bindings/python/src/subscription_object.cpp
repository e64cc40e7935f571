// SPDX-License-Identifier: Apache-2.0
#include "subscription_object.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "loop_bridge.hpp"

namespace nexpo::python {

namespace {

using std::chrono::milliseconds;

/// How long the main thread looks away from signals, and others from the end of the interpreter.
constexpr milliseconds kLook{100};

struct SubscriptionHandle {
    std::shared_ptr<BackendEntry> backend;
    Subscription subscription;

    SubscriptionHandle(std::shared_ptr<BackendEntry> open, Subscription opened)
        : backend(std::move(open)), subscription(std::move(opened)) {}
    SubscriptionHandle(SubscriptionHandle const&) = delete;
    SubscriptionHandle& operator=(SubscriptionHandle const&) = delete;
    ~SubscriptionHandle() {
        without_gil([this] {
            subscription.close();
            backend.reset();
        });
    }
};

PyObject* to_event(Result<std::optional<Event>> const& event) {
    if (!event) return raise(event.error());
    if (!*event) return Py_NewRef(Py_None);
    return to_python(struct_of(struct_type<Event>()), &**event);
}

py::object owned(PyObject* object) {
    if (object == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

/// Waits in short turns, so that Ctrl-C is noticed between them.
py::object next(SubscriptionHandle const& self, py::object const& timeout) {
    using Clock = std::chrono::steady_clock;
    constexpr double kLongest = 1e9;
    auto const end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                           timeout.is_none() ? kLongest : std::clamp(timeout.cast<double>(), 0.0, kLongest)));
    while (true) {
        auto const left = std::chrono::ceil<milliseconds>(end - Clock::now());
        auto const turn = std::clamp(left, milliseconds::zero(), kLook);
        auto const event = without_gil([&] { return self.subscription.next(turn); });
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (!event || *event || left <= turn) return owned(to_event(event));
    }
}

py::object try_next(SubscriptionHandle const& self) {
    return owned(to_event(without_gil([&] { return self.subscription.try_next(); })));
}

py::object start_try_next(SubscriptionHandle const& self) {
    auto const bridge = LoopBridge::of_running_loop();
    auto [future, number] = bridge->add({});
    bridge->run(number, !self.backend->embedded,
                [mailbox = bridge->mailbox(), number = number, subscription = self.subscription] {
                    mailbox->tell(number, [event = subscription.try_next()] { return to_event(event); });
                });
    return future;
}

/// A future that is done when `try_next` has something to say again.
py::object ready(SubscriptionHandle const& self) {
    auto const bridge = LoopBridge::of_running_loop();
    auto [future, number] = bridge->add({});
    std::weak_ptr<LoopMailbox> const known = bridge->mailbox();
    bridge->run(number, false, [known, number = number, subscription = self.subscription] {
        subscription.on_ready([known, number] {
            if (auto const mailbox = known.lock()) mailbox->tell(number, [] { return Py_NewRef(Py_None); });
        });
    });
    return future;
}

/// The input of `events.subscribe`.
SubscribeEvents read_input(PyObject* const* values, std::size_t count) {
    SubscribeEvents input;
    FromPython reader;
    reader.arguments(struct_of(struct_type<SubscribeEvents>()), &input, values, count);
    if (!reader.violations().empty()) throw_error(reader.error(struct_type<SubscribeEvents>(), &input));
    return input;
}

PyObject* to_subscription(std::shared_ptr<BackendEntry> const& backend, Result<Subscription> const& opened) {
    if (!opened) return raise(opened.error());
    return py::cast(std::make_unique<SubscriptionHandle>(backend, *opened)).release().ptr();
}

}  // namespace

PyObject* subscribe(ApiEntry& entry, PyObject* const* values, std::size_t count) {
    auto const input = read_input(values, count);
    return to_subscription(entry.backend, without_gil([&] { return entry.api.events().subscribe(input); }));
}

PyObject* start_subscribe(ApiEntry& entry, PyObject* const* values, std::size_t count) {
    auto input = read_input(values, count);
    auto const bridge = LoopBridge::of_running_loop();
    auto [future, number] = bridge->add({.api = entry.api});
    bridge->run(number, !entry.backend->embedded,
                [mailbox = bridge->mailbox(), number = number, api = entry.api, backend = entry.backend,
                 input = std::move(input)] {
                    mailbox->tell(number, [backend, opened = api.events().subscribe(input)] {
                        return to_subscription(backend, opened);
                    });
                });
    return future.release().ptr();
}

void register_subscription(py::module_& module) {
    py::class_<SubscriptionHandle>(module, "Subscription")
        .def("next", next)
        .def("try_next", try_next)
        .def("start_try_next", start_try_next)
        .def("ready", ready)
        .def("close", [](SubscriptionHandle const& self) { without_gil([&] { self.subscription.close(); }); });
}

}  // namespace nexpo::python
