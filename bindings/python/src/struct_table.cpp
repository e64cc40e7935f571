// SPDX-License-Identifier: Apache-2.0
#include "struct_table.hpp"

#include <structmember.h>

#include <map>
#include <optional>
#include <utility>

namespace nexpo::python {

namespace {

using Table = std::map<StructType const*, std::unique_ptr<PyStruct>>;

Table& table() {
    static auto& table = *new Table;  // the objects in it must not be released after the interpreter
    return table;
}

std::map<StructType const*, PyObject*>& own_classes() {
    static auto& classes = *new std::map<StructType const*, PyObject*>;
    return classes;
}

std::map<ValueType const*, std::vector<PyObject*>>& own_words() {
    static auto& words = *new std::map<ValueType const*, std::vector<PyObject*>>;
    return words;
}

PyObject* interned(std::string_view text) {
    auto* object = PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
    if (object == nullptr) throw py::error_already_set();
    PyUnicode_InternInPlace(&object);
    return object;
}

py::object types_module() {
    return py::module_::import("nexpo._types");
}

[[noreturn]] void refuse(std::string const& what) {
    throw py::import_error("the Python files of nexpo are not of the same version as its extension: " + what);
}

/// The place of a field in the objects of a class with slots; nothing when it is none.
std::optional<Py_ssize_t> slot_of(PyTypeObject* type, PyObject* name) {
    auto* descriptor = PyDict_GetItem(type->tp_dict, name);
    if (descriptor == nullptr || !Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) return std::nullopt;
    return reinterpret_cast<PyMemberDescrObject*>(descriptor)->d_member->offset;
}

std::vector<PyObject*> words_of(ValueType const& type) {
    if (auto const own = own_words().find(&type); own != own_words().end()) return own->second;
    py::tuple words(type.names.size());
    for (std::size_t i = 0; i < type.names.size(); ++i) words[i] = py::str(std::string(type.names[i]));
    py::dict const enums = types_module().attr("ENUMS");
    std::vector<PyObject*> members;
    if (!enums.contains(words)) {  // of an application: plain texts
        for (auto const word : type.names) members.push_back(interned(word));
        return members;
    }
    py::object const python_class = enums[words];
    for (auto const word : words) members.push_back(python_class(word).release().ptr());
    return members;
}

}  // namespace

PyValue value_of(Field const& field, ValueType const& type) {
    PyValue value{.type = &type};
    if (type.element != nullptr) value.element = std::make_unique<PyValue>(value_of(field, *type.element));
    if (type.kind == Kind::object) value.structure = &struct_of(type.structure());
    if (type.kind == Kind::enumeration) value.words = words_of(type);
    if (type.kind == Kind::variant) {
        value.names = &field.tag_names();
        for (auto const* alternative : type.alternatives) value.alternatives.push_back(value_of(field, *alternative));
        for (auto const& tag : field.tag_names()) value.tags.push_back(interned(tag));
    }
    return value;
}

namespace {

PyTypeObject* class_of(StructType const& type) {
    if (auto const own = own_classes().find(&type); own != own_classes().end()) {
        return reinterpret_cast<PyTypeObject*>(own->second);
    }
    py::dict const classes = types_module().attr("STRUCTS");
    py::str const name(type.name());
    if (!classes.contains(name)) return nullptr;
    return reinterpret_cast<PyTypeObject*>(py::object(classes[name]).release().ptr());
}

}  // namespace

PyStruct const& struct_of(StructType const& type) {
    auto const [entry, is_new] = table().try_emplace(&type);
    if (!is_new) return *entry->second;
    entry->second = std::make_unique<PyStruct>();
    auto& made = *entry->second;
    try {
        made.type = &type;
        made.python_class = class_of(type);
        bool const is_own = own_classes().contains(&type);
        made.has_post_init =
            is_own && PyObject_HasAttrString(reinterpret_cast<PyObject*>(made.python_class), "__post_init__") != 0;
        for (auto const& field : type.fields()) {
            made.fields.push_back(
                {.field = &field, .name = interned(field.name()), .value = value_of(field, field.type())});
            if (made.python_class == nullptr) continue;
            auto const slot = slot_of(made.python_class, made.fields.back().name);
            if (!slot && !is_own) refuse(type.name() + " has no slot for a field");
            made.has_slots = made.has_slots && slot;
            made.fields.back().slot = slot.value_or(0);
        }
    } catch (...) {
        table().erase(&type);
        throw;
    }
    return made;
}

void bind_class(StructType const& type, py::object python_class) {
    own_classes()[&type] = python_class.release().ptr();
}

void bind_words(ValueType const& type, std::vector<PyObject*> members) {
    own_words()[&type] = std::move(members);
}

}  // namespace nexpo::python
