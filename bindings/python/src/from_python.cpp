// SPDX-License-Identifier: Apache-2.0
#include "conversion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace nexpo::python {

namespace {

/// The largest whole number that every JSON reader represents exactly, as for the other doors.
constexpr double kMaxSafeInteger = 9'007'199'254'740'991;

/// As deep as JSON from outside may be.
constexpr int kMaxDepth = 32;

/// A reference that Python gave us; nothing means that it raised.
py::object owned(PyObject* object) {
    if (object == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(object);
}

void append_token(std::string& pointer, std::string_view token) {
    for (char const c : token) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

/// True when the field or something around it is among `fields`.
bool lies_in(std::set<std::string_view> const& fields, std::string_view field) {
    while (!fields.contains(field)) {
        if (field.empty()) return false;
        field = field.substr(0, field.rfind('/'));
    }
    return true;
}

std::string joined(auto const& words) {
    std::string text;
    for (auto const& word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

bool is_mapping(PyObject* object) {
    static PyObject* const mapping = constant("collections.abc", "Mapping");
    if (PyDict_Check(object)) return true;
    auto const is = PyObject_IsInstance(object, mapping);
    if (is < 0) throw py::error_already_set();
    return is != 0;
}

/// A dict with the members of a mapping.
py::object to_dict(PyObject* mapping) {
    if (PyDict_Check(mapping)) return py::reinterpret_borrow<py::object>(mapping);
    auto dict = owned(PyDict_New());
    if (PyDict_Update(dict.ptr(), mapping) != 0) throw py::error_already_set();
    return dict;
}

bool is_sequence(PyObject* object) {
    return PyList_Check(object) || PyTuple_Check(object) ||
           (PySequence_Check(object) && !PyUnicode_Check(object) && !PyBytes_Check(object) &&
            !PyByteArray_Check(object) && !PyDict_Check(object)) ||
           PyAnySet_Check(object);
}

}  // namespace

PyObject* unset() {
    static PyObject* const object = constant("nexpo._unset", "UNSET");
    return object;
}

std::string FromPython::Place::pointer() const {
    auto text = outer == nullptr ? std::string() : outer->pointer();
    text += '/';
    if (name.data() == nullptr) {
        text += std::to_string(index);
    } else {
        append_token(text, name);
    }
    return text;
}

Error FromPython::error(StructType const& type, void const* value) const {
    // As when JSON is read: what could not be read still has its old value, which nobody wants to hear about.
    auto violations = violations_;
    std::set<std::string_view> unread;
    for (auto const& violation : violations_) unread.insert(violation.field);
    if (auto const valid = validate(type, value); !valid) {
        for (auto const& broken : valid.error().violations) {
            if (!lies_in(unread, broken.field)) violations.push_back(broken);
        }
    }
    return {Errc::invalid_argument, "validation_failed", "the input breaks the rules of its fields",
            std::move(violations)};
}

void FromPython::refuse(Place const* place, char const* rule, std::string message) {
    constexpr std::size_t kMost = 1'000;
    if (violations_.size() == kMost) return;
    violations_.push_back({place == nullptr ? std::string() : place->pointer(), rule, std::move(message)});
}

void FromPython::arguments(PyStruct const& type, void* to, PyObject* const* values, std::size_t count) {
    auto const* const nothing = unset();
    auto const given = std::min(count, type.fields.size());
    for (std::size_t i = 0; i < given; ++i) {
        if (values[i] == nothing) continue;
        auto const& field = type.fields[i];
        Place const place{.name = field.field->name()};
        value(field.value, static_cast<char*>(to) + field.field->offset(), values[i], &place);
    }
}

void FromPython::settings(PyStruct const& type, void* to, PyObject* from) {
    has_defaults_ = true;
    struct_value(type, to, from, nullptr);
}

void FromPython::object(PyStruct const& type, void* to, PyObject* from) {
    struct_value(type, to, from, nullptr);
}

void FromPython::json(Json& to, PyObject* from) {
    json_value(to, from, nullptr, 0);
}

Timestamp FromPython::time(PyObject* from, std::string_view name) {
    Timestamp time{};
    Place const place{.name = name};
    timestamp(&time, from, &place);
    return time;
}

void FromPython::struct_value(PyStruct const& type, void* to, PyObject* from, Place const* place) {
    if (type.python_class != nullptr && Py_IS_TYPE(from, type.python_class)) return fields_of(type, to, from, place);
    if (is_mapping(from)) return mapping(type, to, from, place);
    refuse(place, "type", "must be an object");
}

void FromPython::fields_of(PyStruct const& type, void* to, PyObject* from, Place const* outer) {
    for (auto const& field : type.fields) {
        // Kept, because converting may run Python code.
        py::object kept;
        if (type.has_slots) {
            kept = py::reinterpret_borrow<py::object>(
                *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(from) + field.slot));
        } else {
            kept = owned(PyObject_GetAttr(from, field.name));
        }
        auto* const held = kept.ptr();
        if (held == nullptr || held == unset()) continue;
        Place const place{.outer = outer, .name = field.field->name()};
        value(field.value, static_cast<char*>(to) + field.field->offset(), held, &place);
    }
}

void FromPython::mapping(PyStruct const& type, void* to, PyObject* from, Place const* outer) {
    auto const members = to_dict(from);
    std::size_t known = 0;
    for (auto const& field : type.fields) {
        auto* member = PyDict_GetItemWithError(members.ptr(), field.name);
        if (member == nullptr && PyErr_Occurred() != nullptr) throw py::error_already_set();
        Place const place{.outer = outer, .name = field.field->name()};
        if (member != nullptr) ++known;
        if (member == nullptr || member == unset()) {
            bool const may_be_absent =
                has_defaults_ || field.value.type->kind == Kind::patch || field.field->is_read_only();
            if (field.field->is_required() && !may_be_absent) refuse(&place, "required", "is required");
            continue;
        }
        auto const kept = py::reinterpret_borrow<py::object>(member);
        value(field.value, static_cast<char*>(to) + field.field->offset(), member, &place);
    }
    if (known == static_cast<std::size_t>(PyDict_Size(members.ptr()))) return;
    PyObject* key = nullptr;
    PyObject* member = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(members.ptr(), &at, &key, &member) != 0;) {
        std::string_view name;
        if (!PyUnicode_Check(key)) {
            refuse(outer, "type", "must have keys that are texts");
        } else if (utf8(key, name, outer) && type.type->find(name) == nullptr) {
            Place const place{.outer = outer, .name = name};
            refuse(&place, "unknown", "is not a field of " + type.type->name());
        }
    }
}

void FromPython::value(PyValue const& value, void* to, PyObject* from, Place const* place) {
    switch (value.type->kind) {
        case Kind::object:
            return struct_value(*value.structure, to, from, place);
        case Kind::list:
            return list(value, to, from, place);
        case Kind::map:
            return map(value, to, from, place);
        case Kind::variant:
            return variant(value, to, from, place);
        case Kind::optional:
        case Kind::patch:
            if (from == Py_None) return value.type->clear(to);
            return this->value(*value.element, value.type->fill(to), from, place);
        default:
            return scalar(value, to, from, place);
    }
}

void FromPython::scalar(PyValue const& value, void* to, PyObject* from, Place const* place) {
    switch (value.type->kind) {
        case Kind::boolean:
            if (!PyBool_Check(from)) return refuse(place, "type", "must be true or false");
            *static_cast<bool*>(to) = from == Py_True;
            return;
        case Kind::integer:
            return integer(*value.type, to, from, place);
        case Kind::number:
            return number(to, from, place);
        case Kind::enumeration:
            return enumeration(value, to, from, place);
        case Kind::decimal:
            return decimal(to, from, place);
        case Kind::bytes:
            return bytes(to, from, place);
        case Kind::timestamp:
            return timestamp(to, from, place);
        case Kind::json:
            return json_value(*static_cast<Json*>(to), from, place, 0);
        default:
            return text(*value.type, to, from, place);
    }
}

void FromPython::integer(ValueType const& type, void* to, PyObject* from, Place const* place) {
    std::int64_t number = 0;
    if (PyLong_Check(from) && !PyBool_Check(from)) {
        int overflow = 0;
        number = PyLong_AsLongLongAndOverflow(from, &overflow);
        if (overflow != 0) return refuse(place, "range", "is out of range");
    } else if (PyFloat_Check(from) && std::trunc(PyFloat_AS_DOUBLE(from)) == PyFloat_AS_DOUBLE(from)) {
        auto const real = PyFloat_AS_DOUBLE(from);  // as in JSON, 1.0 is a whole number
        if (std::abs(real) > kMaxSafeInteger) return refuse(place, "range", "is out of range");
        number = static_cast<std::int64_t>(real);
    } else {
        return refuse(place, "type", "must be a whole number");
    }
    if (number < type.lowest || number > type.highest) return refuse(place, "range", "is out of range");
    type.set_integer(to, number);
}

void FromPython::number(void* to, PyObject* from, Place const* place) {
    if (PyFloat_Check(from)) {
        *static_cast<double*>(to) = PyFloat_AS_DOUBLE(from);
    } else if (PyLong_Check(from) && !PyBool_Check(from)) {
        auto const number = PyLong_AsDouble(from);
        if (PyErr_Occurred() != nullptr) {
            PyErr_Clear();
            return refuse(place, "range", "is out of range");
        }
        *static_cast<double*>(to) = number;
    } else {
        refuse(place, "type", "must be a number");
    }
}

void FromPython::enumeration(PyValue const& value, void* to, PyObject* from, Place const* place) {
    for (std::size_t i = 0; i < value.words.size(); ++i) {
        if (value.words[i] == from) return value.type->set_integer(to, static_cast<std::int64_t>(i));
    }
    std::string_view word;
    if (!PyUnicode_Check(from)) return refuse(place, "type", "must be a string");
    if (!utf8(from, word, place)) return;
    auto const found = std::ranges::find(value.type->names, word);
    if (found == value.type->names.end()) {
        return refuse(place, "enum", "must be one of: " + joined(value.type->names));
    }
    value.type->set_integer(to, found - value.type->names.begin());
}

bool FromPython::utf8(PyObject* from, std::string_view& text, Place const* place) {
    Py_ssize_t size = 0;
    auto const* data = PyUnicode_AsUTF8AndSize(from, &size);
    if (data == nullptr) {  // half of a surrogate pair
        if (PyErr_ExceptionMatches(PyExc_UnicodeError) == 0) throw py::error_already_set();
        PyErr_Clear();
        refuse(place, "utf8", "must be valid UTF-8");
        return false;
    }
    text = {data, static_cast<std::size_t>(size)};
    return true;
}

void FromPython::text(ValueType const& type, void* to, PyObject* from, Place const* place) {
    std::string_view text;
    if (!PyUnicode_Check(from)) return refuse(place, "type", "must be a string");
    if (utf8(from, text, place)) type.set_text(to, text);
}

void FromPython::bytes(void* to, PyObject* from, Place const* place) {
    Py_buffer buffer;
    if (PyObject_CheckBuffer(from) == 0) return refuse(place, "type", "must be bytes");
    if (PyObject_GetBuffer(from, &buffer, PyBUF_SIMPLE) != 0) throw py::error_already_set();
    auto const* begin = static_cast<std::uint8_t const*>(buffer.buf);
    static_cast<Bytes*>(to)->assign(begin, begin + buffer.len);
    PyBuffer_Release(&buffer);
}

void FromPython::decimal(void* to, PyObject* from, Place const* place) {
    static PyObject* const python_class = constant("decimal", "Decimal");
    auto const is_decimal = PyObject_IsInstance(from, python_class);
    if (is_decimal < 0) throw py::error_already_set();
    bool const is_whole = PyLong_Check(from) && !PyBool_Check(from);
    if (is_decimal == 0 && !is_whole && !PyUnicode_Check(from)) {
        return refuse(place, "type", "must be a decimal.Decimal");
    }
    auto const written =
        is_decimal == 0 ? owned(PyObject_Str(from)) : py::reinterpret_borrow<py::object>(from).attr("__format__")("f");
    std::string_view text;
    if (!utf8(written.ptr(), text, place)) return;
    auto const number = Decimal::parse(text);
    if (!number) {
        return refuse(place, "decimal", "must be a decimal number with at most nine digits after the point");
    }
    *static_cast<Decimal*>(to) = *number;
}

void FromPython::list(PyValue const& value, void* to, PyObject* from, Place const* outer) {
    if (!is_sequence(from)) return refuse(outer, "type", "must be an array");
    // A tuple of our own: nobody can change it while elements are converted.
    auto const elements = owned(PySequence_Tuple(from));
    value.type->clear(to);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(elements.ptr()); ++i) {
        Place const place{.outer = outer, .index = static_cast<std::size_t>(i)};
        this->value(*value.element, value.type->append(to), PyTuple_GET_ITEM(elements.ptr(), i), &place);
    }
}

void FromPython::map(PyValue const& value, void* to, PyObject* from, Place const* outer) {
    if (!is_mapping(from)) return refuse(outer, "type", "must be an object");
    auto const members = owned(PyDict_Copy(to_dict(from).ptr()));
    value.type->clear(to);
    PyObject* key = nullptr;
    PyObject* member = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(members.ptr(), &at, &key, &member) != 0;) {
        std::string_view name;
        if (!PyUnicode_Check(key)) {
            refuse(outer, "type", "must have keys that are texts");
        } else if (utf8(key, name, outer)) {
            Place const place{.outer = outer, .name = name};
            this->value(*value.element, value.type->insert(to, name), member, &place);
        }
    }
}

void FromPython::variant(PyValue const& value, void* to, PyObject* from, Place const* outer) {
    auto const members = is_mapping(from) ? to_dict(from) : py::object();
    for (std::size_t i = 0; members && PyDict_Size(members.ptr()) == 1 && i < value.tags.size(); ++i) {
        auto* inside = PyDict_GetItemWithError(members.ptr(), value.tags[i]);
        if (inside == nullptr) {
            if (PyErr_Occurred() != nullptr) throw py::error_already_set();
            continue;
        }
        auto const kept = py::reinterpret_borrow<py::object>(inside);
        Place const place{.outer = outer, .name = (*value.names)[i]};
        return this->value(value.alternatives[i], value.type->select(to, i), inside, &place);
    }
    refuse(outer, "variant", "must be an object with exactly one of: " + joined(*value.names));
}

void FromPython::json_value(Json& to, PyObject* from, Place const* outer, int depth) {
    std::string_view text;
    if (depth > kMaxDepth) {
        refuse(outer, "depth", "must have at most " + std::to_string(kMaxDepth) + " levels");
    } else if (from == Py_None) {
        to = Json();
    } else if (PyBool_Check(from)) {
        to = Json(from == Py_True);
    } else if (PyLong_Check(from)) {
        int overflow = 0;
        auto const number = PyLong_AsLongLongAndOverflow(from, &overflow);
        if (overflow != 0) return refuse(outer, "range", "is out of range");
        to = Json(std::int64_t{number});
    } else if (PyFloat_Check(from)) {
        to = Json(PyFloat_AS_DOUBLE(from));
    } else if (PyUnicode_Check(from)) {
        if (utf8(from, text, outer)) to = Json(text);
    } else if (PyList_Check(from) || PyTuple_Check(from)) {
        auto const elements = owned(PySequence_Tuple(from));
        Json::Array array(static_cast<std::size_t>(PyTuple_GET_SIZE(elements.ptr())));
        for (std::size_t i = 0; i < array.size(); ++i) {
            Place const place{.outer = outer, .index = i};
            json_value(array[i], PyTuple_GET_ITEM(elements.ptr(), static_cast<Py_ssize_t>(i)), &place, depth + 1);
        }
        to = Json(std::move(array));
    } else if (is_mapping(from)) {
        json_object(to, from, outer, depth);
    } else {
        refuse(outer, "type", "must be made of None, bool, int, float, str, list and dict");
    }
}

void FromPython::json_object(Json& to, PyObject* from, Place const* outer, int depth) {
    auto const members = owned(PyDict_Copy(to_dict(from).ptr()));
    Json::Object object;
    PyObject* key = nullptr;
    PyObject* member = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(members.ptr(), &at, &key, &member) != 0;) {
        std::string_view name;
        if (!PyUnicode_Check(key)) {
            refuse(outer, "type", "must have keys that are texts");
        } else if (utf8(key, name, outer)) {
            Place const place{.outer = outer, .name = name};
            object.emplace_back(std::string(name), Json());
            json_value(object.back().second, member, &place, depth + 1);
        }
    }
    to = Json(std::move(object));
}

}  // namespace nexpo::python
