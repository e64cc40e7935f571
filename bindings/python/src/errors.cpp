// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include <string>

namespace nexpo::python {

namespace {

py::handle errors_module() {
    static auto const module = py::module_::import("nexpo._errors").release();
    return module;
}

py::object text(std::string_view text) {
    return py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

}  // namespace

void prepare_errors() {
    errors_module();
}

py::object to_exception(Error const& error) {
    auto const module = errors_module();
    py::tuple violations(error.violations.size());
    for (std::size_t i = 0; i < error.violations.size(); ++i) {
        auto const& violation = error.violations[i];
        violations[i] =
            module.attr("Violation")(py::arg("field") = text(violation.field), py::arg("rule") = text(violation.rule),
                                     py::arg("message") = text(violation.message));
    }
    py::object retry_after = py::none();
    if (error.retry_after) retry_after = py::float_(static_cast<double>(error.retry_after->count()) / 1000.0);
    auto const type = py::object(module.attr("BY_CODE")[py::int_(static_cast<int>(error.code))]);
    return type(text(error.message), py::arg("reason") = text(error.reason), py::arg("violations") = violations,
                py::arg("retry_after") = retry_after);
}

PyObject* raise(Error const& error) {
    try {
        auto const exception = to_exception(error);
        PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
    } catch (py::error_already_set& failed) {
        failed.restore();
    }
    return nullptr;
}

void throw_error(Error const& error) {
    raise(error);
    throw py::error_already_set();
}

Error to_error(py::handle exception) {
    if (!py::isinstance(exception, errors_module().attr("Error"))) {
        return {Errc::internal, "exception",
                py::str(py::type::of(exception).attr("__name__")).cast<std::string>() + ": " +
                    py::str(exception).cast<std::string>()};
    }
    Error error{.code = static_cast<Errc>(exception.attr("_number").cast<int>()),
                .reason = exception.attr("reason").cast<std::string>(),
                .message = exception.attr("message").cast<std::string>()};
    for (auto const violation : exception.attr("violations")) {
        error.violations.push_back({violation.attr("field").cast<std::string>(),
                                    violation.attr("rule").cast<std::string>(),
                                    violation.attr("message").cast<std::string>()});
    }
    if (auto const after = exception.attr("retry_after"); !after.is_none()) {
        error.retry_after = std::chrono::milliseconds(static_cast<std::int64_t>(after.cast<double>() * 1000.0));
    }
    return error;
}

}  // namespace nexpo::python
