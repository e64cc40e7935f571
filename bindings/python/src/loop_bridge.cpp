// SPDX-License-Identifier: Apache-2.0
#include "loop_bridge.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "blocking_threads.hpp"
#include "gil.hpp"

namespace nexpo::python {

namespace {

/// What is told on the thread that asks, while it asks.
struct Here {
    LoopMailbox const* mailbox;
    std::uint64_t number;
    LoopMailbox::Make make{};
};

thread_local Here* here = nullptr;

py::object owned(PyObject* object) {
    if (object == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

py::object running_loop() {
    static PyObject* const function = constant("asyncio", "get_running_loop");
    return owned(PyObject_CallNoArgs(function));
}

/// The bridges by their loops, which go as they please.
py::object bridges() {
    static PyObject* const bridges =
        py::object(py::module_::import("weakref").attr("WeakKeyDictionary")()).release().ptr();
    return py::reinterpret_borrow<py::object>(bridges);
}

}  // namespace

LoopMailbox::LoopMailbox() : ring_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (ring_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

LoopMailbox::~LoopMailbox() {
    ::close(ring_);
}

void LoopMailbox::tell(std::uint64_t number, Make make) {
    if (here != nullptr && here->mailbox == this && here->number == number) {
        here->make = std::move(make);
        return;
    }
    std::lock_guard const lock(mutex_);
    told_.push_back({number, std::move(make)});
    if (told_.size() > 1) return;
    std::uint64_t const one = 1;
    while (::write(ring_, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

std::vector<LoopMailbox::Told> LoopMailbox::take() {
    std::uint64_t count = 0;
    while (::read(ring_, &count, sizeof count) < 0 && errno == EINTR) {
    }
    std::lock_guard const lock(mutex_);
    return std::exchange(told_, {});
}

std::shared_ptr<LoopBridge> LoopBridge::of_running_loop() {
    auto const loop = running_loop();
    auto const known = bridges();
    auto const found = owned(PyObject_CallMethod(known.ptr(), "get", "O", loop.ptr()));
    if (!found.is_none()) return *found.cast<py::capsule>().get_pointer<std::shared_ptr<LoopBridge>>();
    auto bridge = std::make_shared<LoopBridge>();
    loop.attr("add_reader")(bridge->mailbox_->ring(),
                            py::cpp_function([bridge] { bridge->settle(bridge->mailbox_->take()); }));
    known[loop] = py::capsule(new std::shared_ptr<LoopBridge>(bridge),
                              [](void* held) { delete static_cast<std::shared_ptr<LoopBridge>*>(held); });
    return bridge;
}

LoopBridge::~LoopBridge() {
    // The loop is gone: nobody waits for these calls any more.
    without_gil([this] {
        for (auto& [number, waiting] : waiting_) {
            waiting.call.stop.request_stop();
            waiting.call.api.reset();
        }
    });
}

std::pair<py::object, std::uint64_t> LoopBridge::add(Call call) {
    auto future = py::object(running_loop().attr("create_future")());
    waiting_.emplace(++last_, Waiting{.future = future, .call = std::move(call)});
    return {std::move(future), last_};
}

void LoopBridge::run(std::uint64_t number, bool may_block, std::function<void()> function) {
    if (may_block) {
        run_on_blocking_thread(std::move(function));
    } else {
        Here mine{.mailbox = mailbox_.get(), .number = number};
        auto* const outer = std::exchange(here, &mine);
        without_gil([&] { function(); });
        here = outer;
        if (mine.make) {
            std::vector<LoopMailbox::Told> told;
            told.push_back({number, std::move(mine.make)});
            return settle(std::move(told));
        }
    }
    auto const found = waiting_.find(number);
    if (found == waiting_.end()) return;
    found->second.future.attr("add_done_callback")(
        py::cpp_function([self = weak_from_this(), number](py::handle future) {
            auto const bridge = self.lock();
            if (bridge && future.attr("cancelled")().cast<bool>()) bridge->stop(number);
        }));
}

void LoopBridge::settle(std::vector<LoopMailbox::Told> told) {
    std::vector<Call> ended;
    for (auto& [number, make] : told) {
        auto found = waiting_.extract(number);
        if (found.empty()) continue;
        auto& [future, call] = found.mapped();
        ended.push_back(std::move(call));
        if (future.attr("done")().cast<bool>()) continue;
        if (auto* result = make()) {
            future.attr("set_result")(py::reinterpret_steal<py::object>(result));
        } else {
            py::error_already_set failed;  // takes the exception over
            future.attr("set_exception")(failed.value());
        }
    }
    // The last handle of a backend closes it, which takes time.
    without_gil([&] {
        told.clear();
        ended.clear();
    });
}

void LoopBridge::stop(std::uint64_t number) {
    auto const found = waiting_.find(number);
    if (found == waiting_.end()) return;
    auto source = found->second.call.stop;
    without_gil([&] { source.request_stop(); });
}

}  // namespace nexpo::python
