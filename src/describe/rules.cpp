// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/json_pointer.hpp"
#include "base/utf8.hpp"
#include "describe/codec.hpp"
#include "describe/format.hpp"
#include "nexpo/id.hpp"

namespace nexpo::describe {

namespace {

class Checker {
 public:
    explicit Checker(std::vector<Violation>& violations) : violations_(violations) {}

    void object(StructType const& type, void const* value, std::string const& pointer) {
        for (auto const& field : type.fields()) {
            if (field.is_read_only()) continue;  // whoever fills an input cannot set it
            this->value(field, field.type(), at(value, field),
                        pointer + '/' + base::escape_pointer_token(field.name()));
        }
    }

 private:
    void value(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        switch (type.kind) {
            case Kind::boolean:
            case Kind::bytes:
                break;
            case Kind::json:
                return json(*static_cast<Json const*>(value), pointer);
            case Kind::decimal: {
                auto const& decimal = *static_cast<Decimal const*>(value);
                if (field.lower() && decimal < Decimal(*field.lower())) refuse_least(field, pointer, "");
                if (field.upper() && decimal > Decimal(*field.upper())) refuse_most(field, pointer, "");
                break;
            }
            case Kind::integer:
                return integer(field, type.integer(value), pointer);
            case Kind::number: {
                auto const number = *static_cast<double const*>(value);
                if (!std::isfinite(number)) return refuse(pointer, "finite", "must be finite");
                if (field.lower() && number < static_cast<double>(*field.lower())) refuse_least(field, pointer, "");
                if (field.upper() && number > static_cast<double>(*field.upper())) refuse_most(field, pointer, "");
                break;
            }
            case Kind::timestamp: {
                auto const time = *static_cast<Timestamp const*>(value);
                if (time < min_timestamp() || time > max_timestamp()) {
                    refuse(pointer, "range", "must lie in the years 1 to 9999");
                }
                break;
            }
            case Kind::enumeration: {
                auto const number = type.integer(value);
                if (number < 0 || static_cast<std::size_t>(number) >= type.names.size()) {
                    refuse(pointer, "enum", "is none of the known words");
                }
                break;
            }
            case Kind::text:
                return text(field, type.text(value), pointer);
            case Kind::object:
                return object(type.structure(), value, pointer);
            case Kind::list:
                return list(field, type, value, pointer);
            case Kind::map:
                return map(field, type, value, pointer);
            case Kind::variant:
                return this->value(field, *type.alternatives[type.index(value)], type.alternative(value),
                                   pointer + '/' + base::escape_pointer_token(field.tag_names().at(type.index(value))));
            case Kind::optional:
            case Kind::patch:
                if (auto const* inside = type.inside(value)) return this->value(field, *type.element, inside, pointer);
                if (field.is_required() && (type.kind == Kind::optional || type.present(value))) {
                    refuse(pointer, "required", "is required");
                }
                break;
        }
    }

    void integer(Field const& field, std::int64_t number, std::string const& pointer) {
        if (number > kMaxSafeInteger || number < -kMaxSafeInteger) return refuse(pointer, "range", "is out of range");
        if (field.lower() && number < *field.lower()) refuse_least(field, pointer, "");
        if (field.upper() && number > *field.upper()) refuse_most(field, pointer, "");
    }

    void text(Field const& field, std::string_view text, std::string const& pointer) {
        if (!characters(text, pointer)) return;
        if (text.empty() && field.is_required()) return refuse(pointer, "required", "is required");
        // An optional that holds an empty text was given one; a plain text that is empty was left out.
        bool const given = field.type().kind == Kind::optional || field.type().kind == Kind::patch;
        if (field.lower() || field.upper()) {
            auto const length = static_cast<std::int64_t>(base::count_code_points(text));
            bool const may_be_empty = text.empty() && !field.is_required() && !given;
            if (field.lower() && length < *field.lower() && !may_be_empty) refuse_least(field, pointer, " characters");
            if (field.upper() && length > *field.upper()) refuse_most(field, pointer, " characters");
        }
        if (text.empty() && !given) return;
        if (!field.id_prefix().empty() && !is_id(text, field.id_prefix())) {
            refuse(pointer, "id", "must be an id that starts with " + field.id_prefix() + "_");
        }
        if (auto const* wanted = broken_format(field.text_format(), text)) refuse(pointer, "format", wanted);
    }

    /// A value that was not parsed may hold what JSON cannot; it would come out as something else.
    void json(Json const& json, std::string const& pointer) {
        if (auto const* number = json.if_number(); number != nullptr && !std::isfinite(*number)) {
            refuse(pointer, "finite", "must be finite");
        } else if (auto const* text = json.if_string()) {
            characters(*text, pointer);
        } else if (auto const* elements = json.if_array()) {
            for (std::size_t i = 0; i < elements->size(); ++i) {
                this->json((*elements)[i], pointer + '/' + std::to_string(i));
            }
        } else if (auto const* members = json.if_object()) {
            for (auto const& [name, member] : *members) {
                if (key(name, pointer)) this->json(member, pointer + '/' + base::escape_pointer_token(name));
            }
        }
    }

    bool characters(std::string_view text, std::string const& pointer) {
        if (!base::valid_utf8(text)) {
            refuse(pointer, "utf8", "must be valid UTF-8");
        } else if (text.find('\0') != std::string_view::npos) {
            refuse(pointer, "nul", "must not contain U+0000");
        } else {
            return true;
        }
        return false;
    }

    bool key(std::string_view key, std::string const& pointer) {
        if (!base::valid_utf8(key)) {
            refuse(pointer, "utf8", "must have keys in valid UTF-8");
        } else if (key.find('\0') != std::string_view::npos) {
            refuse(pointer, "nul", "must have keys without U+0000");
        } else {
            return true;
        }
        return false;
    }

    void list(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        auto const size = static_cast<std::int64_t>(type.size(value));
        size_limits(field, size, pointer);
        auto const rules = element_rules(field, *type.element);
        for (std::int64_t i = 0; i < size; ++i) {
            this->value(rules, *type.element, type.at(value, static_cast<std::size_t>(i)),
                        pointer + '/' + std::to_string(i));
        }
    }

    void map(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        size_limits(field, static_cast<std::int64_t>(type.size(value)), pointer);
        struct Context {
            Checker& checker;
            Field const rules;
            std::string const& pointer;
        } context{*this, element_rules(field, *type.element), pointer};
        type.each(value, &context, [](void* at, std::string_view key, void const* element) {
            auto& self = *static_cast<Context*>(at);
            if (!self.checker.key(key, self.pointer)) return;
            self.checker.value(self.rules, self.rules.type(), element,
                               self.pointer + '/' + base::escape_pointer_token(key));
        });
    }

    /// Limits of a list count its elements; the elements themselves only keep the rules on their form.
    static Field element_rules(Field const& field, ValueType const& type) {
        return Field(field.name(), type, 0).format(field.text_format()).id(field.id_prefix()).tags(field.tag_names());
    }

    void size_limits(Field const& field, std::int64_t size, std::string const& pointer) {
        if (size == 0 && field.is_required()) return refuse(pointer, "required", "is required");
        if (field.lower() && size < *field.lower()) refuse_least(field, pointer, " elements");
        if (field.upper() && size > *field.upper()) refuse_most(field, pointer, " elements");
    }

    void refuse(std::string pointer, std::string rule, std::string message) {
        if (violations_.size() == kMaxViolations) return;
        violations_.push_back({std::move(pointer), std::move(rule), std::move(message)});
    }

    void refuse_least(Field const& field, std::string const& pointer, char const* unit) {
        refuse(pointer, "min", "must be at least " + std::to_string(*field.lower()) + unit);
    }

    void refuse_most(Field const& field, std::string const& pointer, char const* unit) {
        refuse(pointer, "max", "must be at most " + std::to_string(*field.upper()) + unit);
    }

    std::vector<Violation>& violations_;
};

}  // namespace

void check_rules(StructType const& type, void const* value, std::vector<Violation>& violations) {
    Checker(violations).object(type, value, "");
}

}  // namespace nexpo::describe

namespace nexpo::inline v1 {

Result<void> validate(StructType const& type, void const* value) {
    std::vector<Violation> violations;
    describe::check_rules(type, value, violations);
    if (!violations.empty()) return describe::validation_error(std::move(violations));
    return {};
}

}  // namespace nexpo::inline v1
