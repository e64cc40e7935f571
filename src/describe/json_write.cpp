// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "base/base64.hpp"
#include "base/json_write.hpp"
#include "describe/codec.hpp"

namespace nexpo::describe {

namespace {

void write_value(std::string& out, ValueType const& type, void const* value, std::vector<std::string> const& tags);

void write_integer(std::string& out, std::int64_t number) {
    char digits[20];
    auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void write_list(std::string& out, ValueType const& type, void const* value, std::vector<std::string> const& tags) {
    out += '[';
    auto const size = type.size(value);
    for (std::size_t i = 0; i < size; ++i) {
        if (i != 0) out += ',';
        write_value(out, *type.element, type.at(value, i), tags);
    }
    out += ']';
}

void write_map(std::string& out, ValueType const& type, void const* value, std::vector<std::string> const& tags) {
    struct Context {
        std::string& out;
        ValueType const& element;
        std::vector<std::string> const& tags;
        bool first = true;
    } context{out, *type.element, tags};
    out += '{';
    type.each(value, &context, [](void* at, std::string_view key, void const* element) {
        auto& self = *static_cast<Context*>(at);
        if (!self.first) self.out += ',';
        self.first = false;
        base::append_string(self.out, key);
        self.out += ':';
        write_value(self.out, self.element, element, self.tags);
    });
    out += '}';
}

void write_variant(std::string& out, ValueType const& type, void const* value, std::vector<std::string> const& tags) {
    auto const index = type.index(value);
    out += '{';
    base::append_string(out, tags.at(index));
    out += ':';
    write_value(out, *type.alternatives[index], type.alternative(value), {});
    out += '}';
}

void write_value(std::string& out, ValueType const& type, void const* value, std::vector<std::string> const& tags) {
    switch (type.kind) {
        case Kind::boolean:
            out += *static_cast<bool const*>(value) ? "true" : "false";
            break;
        case Kind::integer:
            write_integer(out, type.integer(value));
            break;
        case Kind::number:
            base::append_number(out, *static_cast<double const*>(value));
            break;
        case Kind::decimal:
            base::append_string(out, static_cast<Decimal const*>(value)->to_string());
            break;
        case Kind::text:
            base::append_string(out, type.text(value));
            break;
        case Kind::bytes: {
            auto const& bytes = *static_cast<Bytes const*>(value);
            base::append_string(out, base::base64url_encode(std::as_bytes(std::span(bytes))));
            break;
        }
        case Kind::timestamp:
            base::append_string(out, to_string(*static_cast<Timestamp const*>(value)));
            break;
        case Kind::json:
            out += static_cast<Json const*>(value)->dump();
            break;
        case Kind::enumeration: {
            auto const index = static_cast<std::size_t>(type.integer(value));
            base::append_string(out, index < type.names.size() ? type.names[index] : std::string_view{});
            break;
        }
        case Kind::object:
            write_json(out, type.structure(), value);
            break;
        case Kind::list:
            write_list(out, type, value, tags);
            break;
        case Kind::map:
            write_map(out, type, value, tags);
            break;
        case Kind::variant:
            write_variant(out, type, value, tags);
            break;
        case Kind::optional:
        case Kind::patch:
            if (auto const* inside = type.inside(value)) {
                write_value(out, *type.element, inside, tags);
            } else {
                out += "null";
            }
            break;
    }
}

}  // namespace

void write_json(std::string& out, StructType const& type, void const* value) {
    out += '{';
    bool first = true;
    for (auto const& field : type.fields()) {
        auto const* member = at(value, field);
        if (field.type().kind == Kind::patch && !field.type().present(member)) continue;
        if (!first) out += ',';
        first = false;
        base::append_string(out, field.name());
        out += ':';
        write_value(out, field.type(), member, field.tag_names());
    }
    out += '}';
}

}  // namespace nexpo::describe

namespace nexpo::inline v1 {

std::string to_json(StructType const& type, void const* value) {
    std::string out;
    out.reserve(256);
    describe::write_json(out, type, value);
    return out;
}

}  // namespace nexpo::inline v1
