// SPDX-License-Identifier: Apache-2.0
#include "type_object.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "conversion.hpp"
#include "errors.hpp"
#include "nexpo/page.hpp"

namespace nexpo::python {

namespace {

/// Those that stand for no variant have no names for its alternatives.
Field const& no_field() {
    static auto& field = *new Field("", value_type<bool>(), 0);  // outlives the interpreter
    return field;
}

std::unique_ptr<TypeObject> made(DynamicType type) {
    return std::make_unique<TypeObject>(type);
}

/// The words of an enumeration, and the members of its class that stand for them.
std::unique_ptr<TypeObject> enumeration(py::sequence const& given, py::sequence const& members) {
    std::vector<std::string> words;
    for (auto const word : given) words.push_back(word.cast<std::string>());
    auto type = made(DynamicType::enumeration(std::move(words)));
    std::vector<PyObject*> objects;
    for (auto const member : members) objects.push_back(py::object(member).release().ptr());
    bind_words(type->type().value_type(), std::move(objects));
    return type;
}

Format to_format(std::string const& word) {
    static std::map<std::string, Format> const formats{{"email", Format::email},       {"uri", Format::uri},
                                                       {"slug", Format::slug},         {"phone", Format::phone},
                                                       {"currency", Format::currency}, {"line", Format::line}};
    auto const found = formats.find(word);
    if (found == formats.end()) throw py::value_error("format is one of: email, uri, slug, phone, currency, line");
    return found->second;
}

Field ruled(Field field, py::dict const& rules) {
    for (auto const& [key, value] : rules) {
        auto const rule = key.cast<std::string>();
        if (rule == "min") {
            field = std::move(field).min(value.cast<std::int64_t>());
        } else if (rule == "max") {
            field = std::move(field).max(value.cast<std::int64_t>());
        } else if (rule == "format") {
            field = std::move(field).format(to_format(value.cast<std::string>()));
        } else if (rule == "id") {
            field = std::move(field).id(value.cast<std::string>());
        } else if (rule == "doc") {
            field = std::move(field).doc(value.cast<std::string>());
        } else if (!value.cast<bool>()) {
            continue;
        } else if (rule == "required") {
            field = std::move(field).required();
        } else if (rule == "secret") {
            field = std::move(field).secret();
        } else if (rule == "read_only") {
            field = std::move(field).read_only();
        } else if (rule == "deprecated") {
            field = std::move(field).deprecated();
        } else {
            throw py::type_error("no such rule: " + rule);
        }
    }
    return field;
}

/// Describes one dataclass.
class StructMaker {
 public:
    explicit StructMaker(std::string const& name) : builder_(name) {}

    void add(std::string const& name, TypeObject const& type, py::dict const& rules) {
        builder_.add(ruled(builder_.field(name, type.type()), rules));
    }

    void initial(std::string name, py::object const& value) {
        Json json;
        FromPython reader;
        reader.json(json, value.ptr());
        if (!reader.violations().empty()) throw py::value_error("the initial value of " + name + " is not JSON");
        builder_.initial(std::move(name), std::move(json));
    }

    std::unique_ptr<TypeObject> itself() const { return made(builder_.type()); }

    std::unique_ptr<TypeObject> build(py::object python_class) {
        auto const built = builder_.build();
        if (!built) throw_error(built.error());
        bind_class(**built, std::move(python_class));
        return made(DynamicType::structure(**built));
    }

 private:
    StructBuilder builder_;
};

}  // namespace

PyValue const& TypeObject::value() const {
    if (!value_) value_.emplace(value_of(no_field(), type_.value_type()));
    return *value_;
}

StructType const& TypeObject::rows() const {
    if (rows_ == nullptr) {
        StructBuilder builder("Rows");
        builder.add(builder.field("rows", DynamicType::list(type_)));
        auto const built = builder.build();
        if (!built) throw_error(built.error());
        rows_ = *built;
    }
    return *rows_;
}

TypeObject const& type_in(py::handle object) {
    if (!py::isinstance<TypeObject>(object)) throw py::type_error("a described type is needed");
    return object.cast<TypeObject const&>();
}

py::object described(py::handle annotation) {
    static PyObject* const describe = constant("nexpo._describe", "type_of");
    return py::handle(describe)(annotation);
}

StructType const& struct_in(py::handle object) {
    auto const& type = type_in(object).type().value_type();
    if (type.kind != Kind::object) throw py::type_error("a dataclass is needed");
    return type.structure();
}

void register_types(py::module_& module) {
    py::class_<TypeObject> type(module, "Type");
    type.def_static("boolean", [] { return made(DynamicType::boolean()); })
        .def_static("integer", [] { return made(DynamicType::integer()); })
        .def_static("number", [] { return made(DynamicType::number()); })
        .def_static("decimal", [] { return made(DynamicType::decimal()); })
        .def_static("text", [] { return made(DynamicType::text()); })
        .def_static("secret", [] { return made(DynamicType::secret()); })
        .def_static("bytes", [] { return made(DynamicType::bytes()); })
        .def_static("timestamp", [] { return made(DynamicType::timestamp()); })
        .def_static("json", [] { return made(DynamicType::json()); })
        .def_static("empty", [] { return made(DynamicType::structure(struct_type<Empty>())); })
        .def_static("enumeration", enumeration, py::arg("words"), py::arg("members"))
        .def_static("optional", [](TypeObject const& inside) { return made(DynamicType::optional(inside.type())); })
        .def_static("patch", [](TypeObject const& inside) { return made(DynamicType::patch(inside.type())); })
        .def_static("list", [](TypeObject const& element) { return made(DynamicType::list(element.type())); })
        .def_static("map", [](TypeObject const& element) { return made(DynamicType::map(element.type())); });

    py::class_<StructMaker>(module, "StructMaker")
        .def(py::init<std::string const&>(), py::arg("name"))
        .def("add", &StructMaker::add, py::arg("name"), py::arg("type"), py::arg("rules"))
        .def("initial", &StructMaker::initial, py::arg("name"), py::arg("value"))
        .def("itself", &StructMaker::itself)
        .def("build", &StructMaker::build, py::arg("python_class"));
}

}  // namespace nexpo::python
