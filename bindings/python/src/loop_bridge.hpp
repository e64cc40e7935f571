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

/// Where threads of the library leave what they have to say to one asyncio loop. They ring an eventfd that the loop
/// watches: none of them waits for the lock of the interpreter, and the loop takes as much as there is at a time.
/// Nothing in it belongs to Python, so that whoever comes last may drop it.
class LoopMailbox {
 public:
    /// Makes the result of a future, with the lock; null with the exception set when it fails.
    using Make = std::function<PyObject*()>;
    struct Told {
        std::uint64_t number;
        Make make;
    };

    LoopMailbox();
    LoopMailbox(LoopMailbox const&) = delete;
    LoopMailbox& operator=(LoopMailbox const&) = delete;
    ~LoopMailbox();

    /// What the loop watches.
    int ring() const { return ring_; }
    /// The result of the future with this number, from any thread; the second and later ones are dropped.
    void tell(std::uint64_t number, Make make);
    /// What was told since the last time.
    std::vector<Told> take();

 private:
    int ring_;
    std::mutex mutex_;
    std::vector<Told> told_;
};

/// The futures of one asyncio loop. Used and dropped with the lock of the interpreter.
class LoopBridge : public std::enable_shared_from_this<LoopBridge> {
 public:
    /// A call under way: what stops it, and the handle that keeps its backend open.
    struct Call {
        std::stop_source stop{};
        std::optional<Api> api{};
    };

    /// The bridge of the loop that runs on this thread; throws RuntimeError when there is none.
    static std::shared_ptr<LoopBridge> of_running_loop();

    LoopBridge() = default;
    LoopBridge(LoopBridge const&) = delete;
    LoopBridge& operator=(LoopBridge const&) = delete;
    ~LoopBridge();

    /// Where results are told.
    std::shared_ptr<LoopMailbox> const& mailbox() const { return mailbox_; }
    /// A future, and the number under which its result is to be told. Its cancelling stops the call.
    std::pair<py::object, std::uint64_t> add(Call call);
    /// Runs `function` without the lock, here or on a thread that may wait; a result that it tells before it returns
    /// needs no turn of the loop.
    void run(std::uint64_t number, bool may_block, std::function<void()> function);

 private:
    struct Waiting {
        py::object future;
        Call call;
    };
    void settle(std::vector<LoopMailbox::Told> told);
    void stop(std::uint64_t number);

    std::shared_ptr<LoopMailbox> mailbox_ = std::make_shared<LoopMailbox>();
    std::uint64_t last_ = 0;
    std::unordered_map<std::uint64_t, Waiting> waiting_;
};

}  // namespace nexpo::python
