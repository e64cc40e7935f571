// SPDX-License-Identifier: Apache-2.0
#include "api_object.hpp"
#include "backend_object.hpp"
#include "clock_object.hpp"
#include "conversion.hpp"
#include "lifecycle.hpp"
#include "operation_object.hpp"
#include "subscription_object.hpp"

PYBIND11_MODULE(_core, module) {
    using namespace nexpo::python;
    register_lifecycle(module);
    import_datetime();
    module.attr("__version__") = NEXPO_VERSION;
    register_operation(module);
    register_api(module);
    register_subscription(module);
    register_backend(module);
    register_clock(module);
}
