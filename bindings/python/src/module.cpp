// SPDX-License-Identifier: Apache-2.0
#include "api_object.hpp"
#include "backend_object.hpp"
#include "call_object.hpp"
#include "clock_object.hpp"
#include "conversion.hpp"
#include "exchange.hpp"
#include "lifecycle.hpp"
#include "operation_object.hpp"
#include "sql_object.hpp"
#include "stop_object.hpp"
#include "subscription_object.hpp"
#include "table_object.hpp"
#include "type_object.hpp"

namespace nexpo::python {

namespace {

void fill(py::module_& module) {
    register_lifecycle(module);
    import_datetime();
    module.attr("__version__") = NEXPO_VERSION;
    register_operation(module);
    register_api(module);
    register_subscription(module);
    register_backend(module);
    register_types(module);
    register_stop(module);
    register_sql(module);
    register_calls(module);
    register_table(module);
    register_exchange(module);
    register_clock(module);
}

}  // namespace

}  // namespace nexpo::python

/// What PYBIND11_MODULE makes, after a look at the interpreter: pybind11 hangs in one that is not the main one.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): Python looks for this name
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
    if (!nexpo::python::is_main_interpreter()) return nullptr;
    PYBIND11_CHECK_PYTHON_VERSION
    PYBIND11_ENSURE_INTERNALS_READY
    static pybind11::module_::module_def definition;
    auto module = pybind11::module_::create_extension_module("_core", nullptr, &definition);
    try {
        nexpo::python::fill(module);
        return module.ptr();
    }
    PYBIND11_CATCH_INIT_EXCEPTIONS
    return nullptr;
}
