// SPDX-License-Identifier: Apache-2.0
#include "handlers.hpp"

#include <utility>

#include "call_object.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "sql_object.hpp"

namespace nexpo::python {

namespace {

/// Ends what Python sees of a call when the last who needs it has gone: the handler, or the write that it answered.
template <class T>
class Scope {
 public:
    explicit Scope(std::shared_ptr<Seen<T>> seen) : seen_(std::move(seen)) {}
    Scope(Scope const&) = delete;
    Scope& operator=(Scope const&) = delete;
    ~Scope() { end(*seen_); }

 private:
    std::shared_ptr<Seen<T>> seen_;
};

py::object to_object(StructType const& type, void const* value) {
    auto* object = to_python(struct_of(type), value);
    if (object == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

/// What Python code answers with, as the struct that it was to answer with.
Result<std::shared_ptr<void>> to_struct(StructType const& type, py::handle from, std::string const& what) {
    auto value = type.make();
    if (from.is_none() && type.fields().empty()) return value;
    FromPython reader;
    reader.object(struct_of(type), value.get(), from.ptr());
    if (reader.violations().empty()) return value;
    auto const& wrong = reader.violations().front();
    return Error{Errc::internal, "answer_invalid",
                 what + " answered no " + type.name() + ": " + wrong.field + " " + wrong.message};
}

Result<AnyOutput> to_output(StructType const& type, py::handle from, std::string const& what) {
    auto value = to_struct(type, from, what);
    if (!value) return std::move(value).error();
    return AnyOutput(std::move(*value));
}

template <class T>
AnyWrite to_write(std::shared_ptr<Scope<T>> scope, py::object closure, Function const& function,
                  StructType const& output, std::vector<EventType> emits) {
    return [scope = std::move(scope), closure = KeptObject(std::move(closure)), host = function.host,
            what = function.what, &output, emits = std::move(emits)](Transaction& tx) {
        return run_python(host->log, what, [&]() -> Result<AnyOutput> {
            return to_output(output, call_with(tx, emits, host->log, closure.get()), what);
        });
    };
}

template <class T>
AnyReply answer(Function const& function, std::shared_ptr<Seen<T>> seen, StructType const& input, void const* value,
                StructType const& output, std::vector<EventType> const& emits) {
    auto scope = std::make_shared<Scope<T>>(seen);
    auto reply = run_python(function.host->log, function.what, [&]() -> Result<AnyReply> {
        py::object const first = to_object(seen);
        py::object const answered = function.takes_input ? function.function.get()(first, to_object(input, value))
                                                         : function.function.get()(first);
        if (auto closure = closure_of(answered)) {
            return AnyReply(to_write(std::move(scope), std::move(closure), function, output, emits));
        }
        return AnyReply(to_output(output, answered, function.what));
    });
    if (!reply) return Result<AnyOutput>(std::move(reply).error());
    return std::move(*reply);
}

}  // namespace

std::function<AnyReply(Call&, void const*)> operation_handler(Function function, StructType const& input,
                                                              StructType const& output, std::vector<EventType> emits) {
    return [function = std::move(function), &input, &output, emits = std::move(emits)](Call& call, void const* value) {
        return answer(function, make_call(call), input, value, output, emits);
    };
}

std::function<AnyReply(JobRun&, void const*)> job_handler(Function function, StructType const& output,
                                                          std::vector<EventType> emits) {
    return [function = std::move(function), &output, emits = std::move(emits)](JobRun& run, void const* value) {
        return answer(function, make_run(run), run.input_type(), value, output, emits);
    };
}

std::function<Result<void>(Call&, OperationTypes const&, void*)> before_hook(Function function) {
    return [function = std::move(function)](Call& call, OperationTypes const& types, void* input) -> Result<void> {
        auto const seen = make_call(call);
        Scope<Call> const scope(seen);
        return run_python(function.host->log, function.what, [&]() -> Result<void> {
            auto object = to_object(*types.input, input);
            py::object const answered = function.function.get()(to_object(seen), object);
            if (!answered.is_none()) object = answered;
            FromPython reader;
            reader.object(struct_of(*types.input), input, object.ptr());
            if (reader.violations().empty()) return {};
            return reader.error(*types.input, input);
        });
    };
}

std::function<void(Call const&, OperationTypes const&, void const*, void const*)> after_hook(Function function) {
    return [function = std::move(function)](Call const& call, OperationTypes const& types, void const* input,
                                            void const* output) {
        // The hook gets the call for reading only; Python has no such distinction.
        auto const seen = make_call(const_cast<Call&>(call));
        Scope<Call> const scope(seen);
        auto const done = run_python(function.host->log, function.what, [&]() -> Result<void> {
            function.function.get()(to_object(seen), to_object(*types.input, input), to_object(*types.output, output));
            return {};
        });
        if (!done) throw Exception(done.error());  // the pipeline writes it to the log
    };
}

}  // namespace nexpo::python
