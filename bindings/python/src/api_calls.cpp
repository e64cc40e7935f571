// SPDX-License-Identifier: Apache-2.0
#include "api_calls.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "interrupts.hpp"
#include "loop_bridge.hpp"

namespace nexpo::python {

namespace {

/// Runs `call(api)` without the lock; on the main thread so that Ctrl-C stops it.
template <class F>
auto run(ApiEntry& entry, F const& call) {
    if (!is_main_thread()) return without_gil([&] { return call(entry.api); });
    auto const main = entry.main_thread();
    auto answer = [&] {
        InterruptibleCall const interruptible(main->stop);
        return without_gil([&] { return call(main->api); });
    }();
    if (main->stop.stop_requested()) {
        entry.on_main_thread.reset();
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
    return answer;
}

/// The answer of a call that goes on by itself, so that whoever waits may go away.
struct Awaited {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<CallAnswer> answer;
};

/// A write on the main thread. It may wait for others' writes for as long as they take, which nothing but turning away
/// can cut short: the call itself finds out that it is not wanted any more when its turn comes.
Result<AnyOutput> write_on_main_thread(ApiEntry& entry, std::string const& operation, std::shared_ptr<void> input) {
    auto const awaited = std::make_shared<Awaited>();
    auto const main = entry.main_thread();
    {
        InterruptibleCall const interruptible(main->stop);
        without_gil([&] {
            main->api.start(
                operation, [&](StructType const&) -> Result<std::shared_ptr<void>> { return std::move(input); },
                [awaited](CallAnswer answer) {
                    std::lock_guard const lock(awaited->mutex);
                    awaited->answer.emplace(std::move(answer));
                    awaited->changed.notify_all();
                });
            std::unique_lock lock(awaited->mutex);
            awaited->changed.wait(lock, main->stop.get_token(), [&] { return awaited->answer.has_value(); });
        });
    }
    if (main->stop.stop_requested()) {
        entry.on_main_thread.reset();
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
    return without_gil([&] {
        std::unique_lock lock(awaited->mutex);
        awaited->changed.wait(lock, [&] { return awaited->answer.has_value(); });
        return std::move(awaited->answer->output);
    });
}

/// What an input is refused with comes after what the caller is: who may not call at all learns only that.
Error refusal(ApiEntry& entry, BoundOperation const& operation, Error const& broken) {
    auto const answer = run(entry, [&](Api const& api) {
        std::promise<CallAnswer> promise;
        api.start(
            operation.name, [&](StructType const&) -> Result<std::shared_ptr<void>> { return broken; },
            [&](CallAnswer answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    });
    return answer.output ? broken : answer.output.error();
}

PyObject* to_answer(BoundOperation const& operation, Result<AnyOutput> const& output) {
    if (!output) return raise(output.error());
    if (operation.output->fields.empty()) return Py_NewRef(Py_None);
    return to_python(*operation.output, output->get());
}

/// A call for the loop that runs on this thread: its future, and the handle whose calls stop with it.
struct Begun {
    std::shared_ptr<LoopBridge> bridge = LoopBridge::of_running_loop();
    py::object future{};
    std::uint64_t number = 0;
    std::optional<Api> api{};

    explicit Begun(ApiEntry const& entry) {
        std::stop_source stop;
        auto options = entry.options;
        options.stop = stop.get_token();
        api = entry.api.with(std::move(options));
        std::tie(future, number) = bridge->add({.stop = std::move(stop), .api = api});
    }
};

Json read_json(PyObject* input) {
    Json json;
    FromPython reader;
    reader.json(json, input);
    if (!reader.violations().empty()) {
        throw_error({Errc::invalid_argument, "validation_failed", "the input is not JSON", reader.violations()});
    }
    return json;
}

}  // namespace

PyObject* call_operation(ApiEntry& entry, BoundOperation const& operation, PyObject* const* values, std::size_t count) {
    auto input = operation.input_type->make();
    FromPython reader;
    reader.arguments(*operation.input, input.get(), values, count);
    if (!reader.violations().empty()) {
        return raise(refusal(entry, operation, reader.error(*operation.input_type, input.get())));
    }
    if (operation.info.kind == OperationKind::mutation && is_main_thread()) {
        return to_answer(operation, write_on_main_thread(entry, operation.name, std::move(input)));
    }
    auto const output = run(entry, [&](Api const& api) {
        return api.call_untyped(operation.name, *operation.input_type, std::move(input), *operation.output_type);
    });
    return to_answer(operation, output);
}

PyObject* start_operation(ApiEntry& entry, BoundOperation const& operation, PyObject* const* values,
                          std::size_t count) {
    Result<std::shared_ptr<void>> input = operation.input_type->make();
    FromPython reader;
    reader.arguments(*operation.input, input->get(), values, count);
    if (!reader.violations().empty()) input = reader.error(*operation.input_type, input->get());
    Begun begun(entry);
    bool const may_block = !entry.backend->embedded || operation.may_block(values, count);
    begun.bridge->run(begun.number, may_block,
                      [mailbox = begun.bridge->mailbox(), number = begun.number, api = *begun.api, &operation,
                       input = std::move(input)] {
                          api.start(
                              operation.name, [&](StructType const&) { return input; },
                              [mailbox, number, &operation](CallAnswer answer) {
                                  mailbox->tell(number, [&operation, output = std::move(answer.output)] {
                                      return to_answer(operation, output);
                                  });
                              });
                      });
    return begun.future.release().ptr();
}

PyObject* start_invoke(ApiEntry& entry, std::string const& operation, PyObject* input) {
    auto json = read_json(input);
    Begun begun(entry);
    // An operation of the application may do anything.
    begun.bridge->run(begun.number, true,
                      [mailbox = begun.bridge->mailbox(), number = begun.number, api = *begun.api, operation,
                       json = std::move(json)] {
                          mailbox->tell(number, [output = api.invoke(operation, json)]() -> PyObject* {
                              return output ? to_python(*output) : raise(output.error());
                          });
                      });
    return begun.future.release().ptr();
}

PyObject* invoke_operation(ApiEntry& entry, std::string const& operation, PyObject* input) {
    auto const json = read_json(input);
    auto const output = run(entry, [&](Api const& api) { return api.invoke(operation, json); });
    if (!output) return raise(output.error());
    return to_python(*output);
}

}  // namespace nexpo::python
