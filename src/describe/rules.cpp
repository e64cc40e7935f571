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
            this->value(field, field.type(), at(value, field),
                        pointer + '/' + base::escape_pointer_token(field.name()));
        }
    }

 private:
    void value(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        switch (type.kind) {
            case Kind::boolean:
            case Kind::json:
            case Kind::bytes:
                break;
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
                                   pointer + '/' + field.tag_names().at(type.index(value)));
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
        if (!base::valid_utf8(text)) return refuse(pointer, "utf8", "must be valid UTF-8");
        if (text.find('\0') != std::string_view::npos) return refuse(pointer, "nul", "must not contain U+0000");
        if (text.empty() && field.is_required()) return refuse(pointer, "required", "is required");
        if (field.lower() || field.upper()) {
            auto const length = static_cast<std::int64_t>(base::count_code_points(text));
            bool const may_be_empty = text.empty() && !field.is_required();
            if (field.lower() && length < *field.lower() && !may_be_empty) refuse_least(field, pointer, " characters");
            if (field.upper() && length > *field.upper()) refuse_most(field, pointer, " characters");
        }
        if (text.empty()) return;
        if (!field.id_prefix().empty() && !is_id(text, field.id_prefix())) {
            refuse(pointer, "id", "must be an id that starts with " + field.id_prefix() + "_");
        }
        if (auto const* wanted = broken_format(field.text_format(), text)) refuse(pointer, "format", wanted);
    }

    void list(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        auto const size = static_cast<std::int64_t>(type.size(value));
        size_limits(field, size, pointer);
        for (std::int64_t i = 0; i < size; ++i) {
            element(field, *type.element, type.at(value, static_cast<std::size_t>(i)),
                    pointer + '/' + std::to_string(i));
        }
    }

    void map(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        size_limits(field, static_cast<std::int64_t>(type.size(value)), pointer);
        struct Context {
            Checker& checker;
            Field const& field;
            ValueType const& element;
            std::string const& pointer;
        } context{*this, field, *type.element, pointer};
        type.each(value, &context, [](void* at, std::string_view key, void const* element) {
            auto& self = *static_cast<Context*>(at);
            auto const inner = self.pointer + '/' + base::escape_pointer_token(key);
            if (!base::valid_utf8(key))
                return self.checker.refuse(self.pointer, "utf8", "must have keys in valid UTF-8");
            self.checker.element(self.field, self.element, element, inner);
        });
    }

    /// Limits of a list count its elements; the elements themselves only keep the rules on their form.
    void element(Field const& field, ValueType const& type, void const* value, std::string const& pointer) {
        Field rules =
            Field(field.name(), type, 0).format(field.text_format()).id(field.id_prefix()).tags(field.tag_names());
        this->value(rules, type, value, pointer);
    }

    void size_limits(Field const& field, std::int64_t size, std::string const& pointer) {
        if (size == 0 && field.is_required()) return refuse(pointer, "required", "is required");
        if (field.lower() && size < *field.lower()) refuse_least(field, pointer, " elements");
        if (field.upper() && size > *field.upper()) refuse_most(field, pointer, " elements");
    }

    void refuse(std::string pointer, std::string rule, std::string message) {
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
