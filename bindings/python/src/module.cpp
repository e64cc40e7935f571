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

PYBIND11_MODULE(_core, module) {
    using namespace nexpo::python;
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
