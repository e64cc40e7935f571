// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <functional>
#include <memory>
#include <string>

#include "nexpo/operation.hpp"
#include "nexpo/work.hpp"
#include "python_code.hpp"

namespace nexpo::python {

/// What all functions of one application share; `log` is set when a backend is opened.
struct Host {
    Log log{};
};

/// A Python function as the library calls it. `what` names it in errors.
struct Function {
    std::shared_ptr<Host> host;
    std::string what;
    KeptObject function;
    bool takes_input = true;
};

/// The handler of an operation with these types and events.
std::function<AnyReply(Call&, void const*)> operation_handler(Function function, StructType const& input,
                                                              StructType const& output, std::vector<EventType> emits);

/// The handler of a kind of job.
std::function<AnyReply(JobRun&, void const*)> job_handler(Function function, StructType const& output,
                                                          std::vector<EventType> emits);

std::function<Result<void>(Call&, OperationTypes const&, void*)> before_hook(Function function);

std::function<void(Call const&, OperationTypes const&, void const*, void const*)> after_hook(Function function);

}  // namespace nexpo::python
