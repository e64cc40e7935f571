// SPDX-License-Identifier: Apache-2.0
#include "sql_values.hpp"

#include <map>
#include <utility>

#include "conversion.hpp"
#include "errors.hpp"

namespace nexpo::python {

namespace {

py::object const& class_of(char const* module, char const* name) {
    static auto& known = *new std::map<std::string, py::object>;  // outlives the interpreter
    auto const [entry, is_new] = known.try_emplace(name);
    if (is_new) entry->second = py::module_::import(module).attr(name);
    return entry->second;
}

Field const& rows_field(TypeObject const& type) {
    return type.rows().fields().front();
}

}  // namespace

SqlValues::SqlValues(py::args const& values) {
    params_.reserve(values.size());
    for (auto const value : values) params_.push_back(param(value));
}

SqlParam SqlValues::param(py::handle value) {
    if (value.is_none()) return nullptr;
    if (py::isinstance(value, class_of("enum", "Enum"))) return param(value.attr("value"));
    if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
    if (PyLong_Check(value.ptr())) return value.cast<std::int64_t>();
    if (PyFloat_Check(value.ptr())) return value.cast<double>();
    if (PyUnicode_Check(value.ptr())) return texts_.emplace_back(value.cast<std::string>());
    if (PyBytes_Check(value.ptr())) {
        std::string_view const view = value.cast<std::string_view>();
        return bytes_.emplace_back(view.begin(), view.end());
    }
    if (py::isinstance(value, class_of("datetime", "datetime"))) {
        FromPython reader;
        auto const time = reader.time(value.ptr(), "parameter");
        if (!reader.violations().empty()) throw py::value_error("a datetime as a parameter needs a time zone");
        return time;
    }
    if (py::isinstance(value, class_of("decimal", "Decimal"))) {
        return texts_.emplace_back(py::str(value).cast<std::string>());
    }
    if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
        auto& list = lists_.emplace_back();
        for (auto const text : value) list.push_back(text.cast<std::string>());
        return list;
    }
    if (py::isinstance<py::dict>(value)) {
        Json json;
        FromPython reader;
        reader.json(json, value.ptr());
        if (!reader.violations().empty()) throw py::value_error("a dict as a parameter must be JSON");
        return json;
    }
    throw py::type_error("no column holds a " + py::type::of(value).attr("__name__").cast<std::string>());
}

SqlRows::SqlRows(TypeObject const& type, std::size_t most)
    : type_(type),
      most_(most),
      holder_(type.rows().make()),
      list_(static_cast<char*>(holder_.get()) + rows_field(type).offset()) {}

Result<void> SqlRows::read(Read const& read, std::string_view sql, std::span<SqlParam const> params) {
    return read.select(sql, params, type_.type().value_type(), this, &SqlRows::append);
}

void* SqlRows::append(void* rows) {
    auto& self = *static_cast<SqlRows*>(rows);
    auto const& list = rows_field(self.type_).type();
    return list.size(self.list_) == self.most_ ? nullptr : list.append(self.list_);
}

py::list SqlRows::to_list() const {
    auto const& rows = rows_field(type_).type();
    py::list list;
    for (std::size_t i = 0; i < rows.size(list_); ++i) {
        auto* object = to_python(type_.value(), rows.at(list_, i));
        if (object == nullptr) throw py::error_already_set();
        list.append(py::reinterpret_steal<py::object>(object));
    }
    return list;
}

}  // namespace nexpo::python
