// SPDX-License-Identifier: Apache-2.0
#include "conversion.hpp"

namespace nexpo::python {

namespace {

PyObject* to_text(std::string_view text) {
    return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
}

PyObject* none() {
    return Py_NewRef(Py_None);
}

PyObject* to_decimal(Decimal const& decimal) {
    static PyObject* const python_class = constant("decimal", "Decimal");
    auto const text = decimal.to_string();
    return PyObject_CallFunction(python_class, "s#", text.data(), static_cast<Py_ssize_t>(text.size()));
}

PyObject* to_list(PyValue const& value, void const* at) {
    auto const size = value.type->size(at);
    auto* list = PyList_New(static_cast<Py_ssize_t>(size));
    if (list == nullptr) return nullptr;
    for (std::size_t i = 0; i < size; ++i) {
        auto* element = to_python(*value.element, value.type->at(at, i));
        if (element == nullptr) {
            Py_DECREF(list);
            return nullptr;
        }
        PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), element);
    }
    return list;
}

PyObject* to_dict(PyValue const& value, void const* at) {
    struct Context {
        PyValue const& element;
        PyObject* dict;
        bool failed = false;
    } context{*value.element, PyDict_New()};
    if (context.dict == nullptr) return nullptr;
    value.type->each(at, &context, [](void* to, std::string_view key, void const* element) {
        auto& self = *static_cast<Context*>(to);
        if (self.failed) return;
        auto const name = py::reinterpret_steal<py::object>(to_text(key));
        auto const converted = py::reinterpret_steal<py::object>(to_python(self.element, element));
        self.failed = !name || !converted || PyDict_SetItem(self.dict, name.ptr(), converted.ptr()) != 0;
    });
    if (context.failed) Py_CLEAR(context.dict);
    return context.dict;
}

PyObject* to_tagged(PyValue const& value, void const* at) {
    auto const index = value.type->index(at);
    auto const inside =
        py::reinterpret_steal<py::object>(to_python(value.alternatives[index], value.type->alternative(at)));
    auto* dict = inside ? PyDict_New() : nullptr;
    if (dict != nullptr && PyDict_SetItem(dict, value.tags[index], inside.ptr()) != 0) Py_CLEAR(dict);
    return dict;
}

}  // namespace

PyObject* to_python(Json const& json) {
    switch (json.kind()) {
        case Json::Kind::null:
            return none();
        case Json::Kind::boolean:
            return PyBool_FromLong(*json.if_boolean() ? 1 : 0);
        case Json::Kind::integer:
            return PyLong_FromLongLong(*json.if_integer());
        case Json::Kind::number:
            return PyFloat_FromDouble(*json.if_number());
        case Json::Kind::string:
            return to_text(*json.if_string());
        case Json::Kind::array: {
            auto const& elements = *json.if_array();
            auto list = py::reinterpret_steal<py::object>(PyList_New(static_cast<Py_ssize_t>(elements.size())));
            for (std::size_t i = 0; list && i < elements.size(); ++i) {
                auto* element = to_python(elements[i]);
                if (element == nullptr) return nullptr;
                PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), element);
            }
            return list.release().ptr();
        }
        case Json::Kind::object:
            break;
    }
    auto dict = py::reinterpret_steal<py::object>(PyDict_New());
    if (!dict) return nullptr;
    for (auto const& [key, member] : *json.if_object()) {
        auto const name = py::reinterpret_steal<py::object>(to_text(key));
        auto const value = py::reinterpret_steal<py::object>(to_python(member));
        if (!name || !value || PyDict_SetItem(dict.ptr(), name.ptr(), value.ptr()) != 0) return nullptr;
    }
    return dict.release().ptr();
}

PyObject* to_python(PyValue const& value, void const* at) {
    auto const& type = *value.type;
    switch (type.kind) {
        case Kind::boolean:
            return PyBool_FromLong(*static_cast<bool const*>(at) ? 1 : 0);
        case Kind::integer:
            return PyLong_FromLongLong(type.integer(at));
        case Kind::number:
            return PyFloat_FromDouble(*static_cast<double const*>(at));
        case Kind::decimal:
            return to_decimal(*static_cast<Decimal const*>(at));
        case Kind::text:
            return to_text(type.text(at));
        case Kind::bytes: {
            auto const& bytes = *static_cast<Bytes const*>(at);
            return PyBytes_FromStringAndSize(reinterpret_cast<char const*>(bytes.data()),
                                             static_cast<Py_ssize_t>(bytes.size()));
        }
        case Kind::timestamp:
            return to_python(*static_cast<Timestamp const*>(at));
        case Kind::json:
            return to_python(*static_cast<Json const*>(at));
        case Kind::enumeration: {
            auto const index = static_cast<std::size_t>(type.integer(at));
            return index < value.words.size() ? Py_NewRef(value.words[index]) : none();
        }
        case Kind::object:
            return to_python(*value.structure, at);
        case Kind::list:
            return to_list(value, at);
        case Kind::map:
            return to_dict(value, at);
        case Kind::variant:
            return to_tagged(value, at);
        case Kind::optional:
            break;
        case Kind::patch:
            if (!type.present(at)) return Py_NewRef(unset());
            break;
    }
    auto const* inside = type.inside(at);
    return inside == nullptr ? none() : to_python(*value.element, inside);
}

PyObject* to_python(PyStruct const& type, void const* at) {
    auto const* base = static_cast<char const*>(at);
    auto* python_class = type.python_class;
    auto object = py::reinterpret_steal<py::object>(python_class == nullptr ? PyDict_New()
                                                                            : python_class->tp_alloc(python_class, 0));
    if (!object) return nullptr;
    for (auto const& field : type.fields) {
        auto* value = to_python(field.value, base + field.field->offset());
        if (value == nullptr) return nullptr;
        if (python_class != nullptr && type.has_slots) {
            *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object.ptr()) + field.slot) = value;
            continue;
        }
        // A frozen dataclass refuses to have its attributes set in the usual way.
        auto const set = python_class == nullptr ? PyDict_SetItem(object.ptr(), field.name, value)
                                                 : PyObject_GenericSetAttr(object.ptr(), field.name, value);
        Py_DECREF(value);
        if (set != 0) return nullptr;
    }
    if (type.has_post_init) {
        auto const done =
            py::reinterpret_steal<py::object>(PyObject_CallMethod(object.ptr(), "__post_init__", nullptr));
        if (!done) return nullptr;
    }
    return object.release().ptr();
}

}  // namespace nexpo::python
