// SPDX-License-Identifier: Apache-2.0
#include "api_calls.hpp"

#include <future>
#include <optional>
#include <utility>

#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "interrupts.hpp"

namespace nexpo::python {

namespace {

/// Runs `call(api)` without the lock; on the main thread so that Ctrl-C stops it.
template <class F>
auto run(ApiEntry& entry, F const& call) {
    if (!is_main_thread()) return without_gil([&] { return call(entry.api); });
    auto& main = entry.main_thread();
    auto answer = [&] {
        InterruptibleCall const interruptible(main.stop);
        return without_gil([&] { return call(main.api); });
    }();
    if (main.stop.stop_requested()) {
        entry.on_main_thread.reset();
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
    return answer;
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

}  // namespace

PyObject* call_operation(ApiEntry& entry, BoundOperation const& operation, PyObject* const* values, std::size_t count) {
    auto input = operation.input_type->make();
    FromPython reader;
    reader.arguments(*operation.input, input.get(), values, count);
    if (!reader.violations().empty()) {
        return raise(refusal(entry, operation, reader.error(*operation.input_type, input.get())));
    }
    auto const output = run(entry, [&](Api const& api) {
        return api.call_untyped(operation.name, *operation.input_type, std::move(input), *operation.output_type);
    });
    if (!output) return raise(output.error());
    if (operation.output->fields.empty()) return Py_NewRef(Py_None);
    return to_python(*operation.output, output->get());
}

PyObject* invoke_operation(ApiEntry& entry, std::string const& operation, PyObject* input) {
    Json json;
    FromPython reader;
    reader.json(json, input);
    if (!reader.violations().empty()) {
        return raise({Errc::invalid_argument, "validation_failed", "the input is not JSON", reader.violations()});
    }
    auto const output = run(entry, [&](Api const& api) { return api.invoke(operation, json); });
    if (!output) return raise(output.error());
    return to_python(*output);
}

}  // namespace nexpo::python
