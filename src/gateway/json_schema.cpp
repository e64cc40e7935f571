// SPDX-License-Identifier: Apache-2.0
#include "gateway/json_schema.hpp"

#include <algorithm>
#include <string>

#include "describe/codec.hpp"

namespace nexpo::gateway {

namespace {

Json typed(char const* type) {
    Json schema;
    schema.set("type", type);
    return schema;
}

bool is_secret(Field const& field, ValueType const& type) {
    return field.is_secret() || &type == &detail::secret_type();
}

/// A pattern; outside of answers an empty text passes unless the field is required.
void set_pattern(Json& schema, std::string const& pattern, bool may_be_empty) {
    schema.set("pattern", may_be_empty ? "^(" + pattern + ")?$" : '^' + pattern + '$');
}

void set_format(Json& schema, Format format, bool may_be_empty) {
    switch (format) {
        case Format::none:
            break;
        case Format::email:
            schema.set("format", "email");
            break;
        case Format::uri:
            schema.set("format", "uri");
            break;
        case Format::slug:
            set_pattern(schema, "[a-z]([a-z0-9-]{0,61}[a-z0-9])?", may_be_empty);
            break;
        case Format::phone:
            set_pattern(schema, "\\+[1-9][0-9]{6,14}", may_be_empty);
            break;
        case Format::currency:
            set_pattern(schema, "[A-Z]{3}", may_be_empty);
            break;
        case Format::line:
            set_pattern(schema, R"([^\u0000-\u001f\u007f-\u009f\u2028\u2029]*)", false);
            break;
    }
}

Json text_schema(Field const& field, ValueType const& type, Direction direction, bool is_element) {
    auto schema = typed("string");
    bool const may_be_empty = direction == Direction::input && !field.is_required() && !is_element;
    if (!is_element) {
        auto const least = std::max<std::int64_t>(field.lower().value_or(0), field.is_required() ? 1 : 0);
        if (least > 0) schema.set("minLength", least);
        if (field.upper()) schema.set("maxLength", *field.upper());
    }
    if (is_secret(field, type) && direction == Direction::input) schema.set("format", "password");
    set_format(schema, field.text_format(), may_be_empty);
    if (!field.id_prefix().empty()) {
        set_pattern(schema, field.id_prefix() + "_[0-7][0-9a-hjkmnp-tv-z]{25}", may_be_empty);
    }
    return schema;
}

void set_range(Json& schema, Field const& field, ValueType const& type, bool is_element) {
    auto least = is_element ? std::nullopt : field.lower();
    auto most = is_element ? std::nullopt : field.upper();
    if (type.kind == Kind::integer) {
        if (!least && type.lowest > -describe::kMaxSafeInteger) least = type.lowest;
        if (!most && type.highest < describe::kMaxSafeInteger) most = type.highest;
    }
    if (least) schema.set("minimum", *least);
    if (most) schema.set("maximum", *most);
}

Json enumeration_schema(ValueType const& type) {
    auto schema = typed("string");
    Json words(Json::Array{});
    for (auto const word : type.names) words.append(word);
    schema.set("enum", std::move(words));
    return schema;
}

Json or_null(Json schema) {
    auto const* type = schema.find("type");
    if (type == nullptr && schema.if_object() != nullptr && schema.if_object()->empty()) return schema;
    if (type != nullptr && type->if_string() != nullptr) {
        schema.set("type", Json::Array{*type, "null"});
        if (auto const* words = schema.find("enum")) {
            auto with_null = *words;
            with_null.append(nullptr);
            schema.set("enum", std::move(with_null));
        }
        return schema;
    }
    Json either;
    either.set("anyOf", Json::Array{std::move(schema), typed("null")});
    return either;
}

Json value_schema(Field const& field, ValueType const& type, Direction direction, bool is_element);

Json collection_schema(Field const& field, ValueType const& type, Direction direction) {
    bool const is_list = type.kind == Kind::list;
    auto schema = typed(is_list ? "array" : "object");
    schema.set(is_list ? "items" : "additionalProperties", value_schema(field, *type.element, direction, true));
    auto least = field.lower().value_or(0);
    if (field.is_required()) least = std::max<std::int64_t>(1, least);
    if (least > 0) schema.set(is_list ? "minItems" : "minProperties", least);
    if (field.upper()) schema.set(is_list ? "maxItems" : "maxProperties", *field.upper());
    return schema;
}

Json variant_schema(Field const& field, ValueType const& type, Direction direction) {
    Json forms(Json::Array{});
    for (std::size_t i = 0; i < type.alternatives.size() && i < field.tag_names().size(); ++i) {
        auto const& tag = field.tag_names()[i];
        Json properties;
        properties.set(tag, value_schema(field, *type.alternatives[i], direction, true));
        auto form = typed("object");
        form.set("properties", std::move(properties));
        form.set("required", Json::Array{tag});
        form.set("additionalProperties", false);
        forms.append(std::move(form));
    }
    Json schema;
    schema.set("oneOf", std::move(forms));
    return schema;
}

/// `is_element`: inside a list, map or variant, where limits and `required` of the field do not apply.
Json value_schema(Field const& field, ValueType const& type, Direction direction, bool is_element) {
    switch (type.kind) {
        case Kind::boolean:
            return typed("boolean");
        case Kind::integer: {
            auto schema = typed("integer");
            bool const fits_32 = type.lowest >= INT32_MIN && type.highest <= INT32_MAX;
            schema.set("format", fits_32 ? "int32" : "int64");
            set_range(schema, field, type, is_element);
            return schema;
        }
        case Kind::number: {
            auto schema = typed("number");
            schema.set("format", "double");
            set_range(schema, field, type, is_element);
            return schema;
        }
        case Kind::decimal: {
            auto schema = typed("string");
            schema.set("format", "decimal");
            schema.set("pattern", R"(^-?(0|[1-9][0-9]*)(\.[0-9]{1,9})?$)");
            return schema;
        }
        case Kind::text:
            return text_schema(field, type, direction, is_element);
        case Kind::bytes: {
            auto schema = typed("string");
            schema.set("contentEncoding", "base64url");
            return schema;
        }
        case Kind::timestamp: {
            auto schema = typed("string");
            schema.set("format", "date-time");
            return schema;
        }
        case Kind::json:
            return Json(Json::Object{});
        case Kind::enumeration:
            return enumeration_schema(type);
        case Kind::object:
            return schema_reference(type.structure().name());
        case Kind::list:
        case Kind::map:
            return collection_schema(field, type, direction);
        case Kind::variant:
            return variant_schema(field, type, direction);
        case Kind::optional:
        case Kind::patch: {
            auto schema = value_schema(field, *type.element, direction, is_element);
            bool const never_null = direction == Direction::input && field.is_required() && !is_element;
            return never_null ? schema : or_null(std::move(schema));
        }
    }
    return Json(Json::Object{});
}

/// What the field is when it is left out; nothing where that says no more than the type.
std::optional<Json> default_of(StructType const& owner, Field const& field) {
    auto const& type = field.type();
    auto const* value = describe::at(owner.defaults(), field);
    switch (type.kind) {
        case Kind::boolean:
            return Json(*static_cast<bool const*>(value));
        case Kind::integer:
            return Json(type.integer(value));
        case Kind::number:
            return Json(*static_cast<double const*>(value));
        case Kind::enumeration: {
            auto const index = static_cast<std::size_t>(type.integer(value));
            return index < type.names.size() ? std::optional<Json>(type.names[index]) : std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

void annotate(Json& schema, StructType const& owner, Field const& field, Direction direction) {
    if (!field.description().empty()) schema.set("description", field.description());
    if (field.is_deprecated()) schema.set("deprecated", true);
    if (field.is_read_only()) schema.set("readOnly", true);
    if (direction == Direction::output) return;
    auto const& type = field.type();
    bool const wrapped = type.kind == Kind::optional || type.kind == Kind::patch;
    if (is_secret(field, wrapped ? *type.element : type)) schema.set("writeOnly", true);
    if (field.is_required() || field.is_read_only()) return;
    if (auto value = default_of(owner, field)) schema.set("default", std::move(*value));
}

bool is_always_there(Field const& field, Direction direction) {
    if (field.type().kind == Kind::patch) return false;
    return direction == Direction::output || (field.is_required() && !field.is_read_only());
}

}  // namespace

Json schema_reference(std::string_view name) {
    Json schema;
    schema.set("$ref", "#/components/schemas/" + std::string(name));
    return schema;
}

Json field_schema(StructType const& owner, Field const& field, Direction direction) {
    auto schema = value_schema(field, field.type(), direction, false);
    annotate(schema, owner, field, direction);
    return schema;
}

Json parameter_schema(StructType const& owner, Field const& field) {
    auto const& type = field.type();
    bool const wrapped = type.kind == Kind::optional || type.kind == Kind::patch;
    auto schema = value_schema(field, wrapped ? *type.element : type, Direction::input, false);
    if (field.is_required()) return schema;
    if (auto value = default_of(owner, field)) schema.set("default", std::move(*value));
    return schema;
}

Json struct_schema(StructType const& type, Direction direction, std::span<std::string const> left_out) {
    auto schema = typed("object");
    Json properties(Json::Object{});
    Json required(Json::Array{});
    for (auto const& field : type.fields()) {
        if (std::ranges::find(left_out, field.name()) != left_out.end()) continue;
        properties.set(field.name(), field_schema(type, field, direction));
        if (is_always_there(field, direction)) required.append(field.name());
    }
    schema.set("properties", std::move(properties));
    if (!required.if_array()->empty()) schema.set("required", std::move(required));
    // Answers may grow new fields: clients must not refuse them.
    if (direction == Direction::input) schema.set("additionalProperties", false);
    return schema;
}

void SchemaSet::add(StructType const& type, Direction direction) {
    auto [entry, fresh] = entries_.try_emplace(type.name(), Entry{&type, direction});
    if (!fresh) {
        if (direction == entry->second.direction || entry->second.direction == Direction::input) return;
        entry->second.direction = direction;
    }
    add_inside(type, direction);
}

void SchemaSet::add_inside(StructType const& type, Direction direction) {
    for (auto const& field : type.fields()) add_value(field.type(), direction);
}

void SchemaSet::add_value(ValueType const& type, Direction direction) {
    if (type.kind == Kind::object) add(type.structure(), direction);
    if (type.element != nullptr) add_value(*type.element, direction);
    for (auto const* alternative : type.alternatives) add_value(*alternative, direction);
}

std::map<std::string, Json> SchemaSet::schemas() const {
    std::map<std::string, Json> schemas;
    for (auto const& [name, entry] : entries_) schemas.emplace(name, struct_schema(*entry.type, entry.direction, {}));
    return schemas;
}

}  // namespace nexpo::gateway
