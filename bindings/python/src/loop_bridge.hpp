// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "nexpo/backend.hpp"

namespace nexpo::python {

/// What threads of the library have to say to one asyncio loop. They leave it here and ring an eventfd that the loop
/// watches: none of them waits for the lock of the interpreter, and the loop takes as much as there is at a time.
class LoopBridge : public std::enable_shared_from_this<LoopBridge> {
 public:
    /// Makes the result of a future, with the lock; null with the exception set when it fails.
    using Make = std::function<PyObject*()>;
    /// A call under way: what stops it, and the handle that keeps its backend open.
    struct Call {
        std::stop_source stop{};
        std::optional<Api> api{};
    };

    /// The bridge of the loop that runs on this thread; throws RuntimeError when there is none. With the lock.
    static std::shared_ptr<LoopBridge> of_running_loop();

    LoopBridge();
    LoopBridge(LoopBridge const&) = delete;
    LoopBridge& operator=(LoopBridge const&) = delete;
    ~LoopBridge();

    /// A future, and the number under which its result is to be told. Its cancelling stops the call.
    std::pair<py::object, std::uint64_t> add(Call call);
    /// Runs `function` without the lock, here or on a thread that may wait; a result that it tells before it returns
    /// needs no turn of the loop.
    void run(std::uint64_t number, bool may_block, std::function<void()> function);
    /// The result of the future, from any thread; the second and later ones are dropped.
    void tell(std::uint64_t number, Make make);

 private:
    struct Waiting {
        py::object future;
        Call call;
    };
    struct Told {
        std::uint64_t number;
        Make make;
    };

    void drain();
    void settle(std::vector<Told> told);
    void stop(std::uint64_t number);

    int ring_;
    std::mutex mutex_;
    std::vector<Told> told_;
    // With the lock of the interpreter:
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, Waiting> waiting_;
};

}  // namespace nexpo::python
