// SPDX-License-Identifier: Apache-2.0
#include "gateway/input.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "base/json_pointer.hpp"
#include "base/utf8.hpp"
#include "describe/codec.hpp"

namespace nexpo::gateway {

namespace {

ValueType const& without_optional(ValueType const& type) {
    bool const wrapped = type.kind == Kind::optional || type.kind == Kind::patch;
    return wrapped ? *type.element : type;
}

template <class T>
bool read_number(std::string_view text, T& number) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

class InputReader {
 public:
    explicit InputReader(StructType const& type) : type_(type) {}

    Result<void> body(std::string_view text) {
        if (text.empty()) return {};
        auto json = Json::parse(text);
        if (!json) return std::move(json).error();
        if (json->if_object() != nullptr) {
            members_ = std::move(*json->if_object());
        } else {
            body_is_object_ = false;
            refuse("", "type", "must be an object");
        }
        return {};
    }

    void path(std::string const& name, std::string_view text) {
        auto const* field = type_.find(name);
        if (field == nullptr) return;  // the table's check names such routes when the backend is opened
        auto value = value_from_text(without_optional(field->type()), text);
        if (value.broken_rule != nullptr) return refuse_field(name, value.broken_rule, value.message);
        auto* const given = member(name);
        if (given == nullptr) {
            members_.emplace_back(name, std::move(value.json));
        } else if (*given != value.json) {
            refuse_field(name, "path", "must be the same as in the path, or be left out");
            *given = std::move(value.json);
        }
    }

    void query(QueryParameter const& parameter) {
        auto const* field = type_.find(parameter.name);
        if (field == nullptr) return unknown(parameter.name);
        auto const& type = without_optional(field->type());
        bool const is_list = type.kind == Kind::list;
        auto value = value_from_text(is_list ? *type.element : type, parameter.value);
        if (value.broken_rule != nullptr) return refuse_field(parameter.name, value.broken_rule, value.message);
        auto* const given = member(parameter.name);
        if (given == nullptr) {
            members_.emplace_back(parameter.name,
                                  is_list ? Json(Json::Array{std::move(value.json)}) : std::move(value.json));
        } else if (is_list && given->if_array() != nullptr) {
            given->append(std::move(value.json));
        } else {
            refuse_field(parameter.name, "unique", "must be given once");
        }
    }

    void unknown(std::string_view name) {
        // A name that is no text could not be answered with.
        bool const printable = base::valid_utf8(name) && name.find('\0') == std::string_view::npos;
        std::string pointer;
        if (printable) base::append_pointer(pointer, name);
        refuse(std::move(pointer), "unknown", "is not a query parameter of this operation");
    }

    Result<std::shared_ptr<void>> finish() {
        auto input = type_.make();
        if (body_is_object_) {
            auto read = from_json(type_, input.get(), Json(std::move(members_)));
            if (!read && violations_.empty()) return std::move(read).error();
            if (!read) add_unrelated(std::move(read).error().violations);
        }
        if (!violations_.empty()) return describe::validation_error(std::move(violations_));
        return input;
    }

 private:
    Json* member(std::string_view name) {
        auto const found = std::ranges::find(members_, name, &Json::Object::value_type::first);
        return found == members_.end() ? nullptr : &found->second;
    }

    /// A field that could not be read is missing for the codec: that it misses it would only confuse.
    void add_unrelated(std::vector<Violation> others) {
        auto const own = violations_.size();
        for (auto& other : others) {
            bool const known = std::any_of(violations_.begin(), violations_.begin() + static_cast<std::ptrdiff_t>(own),
                                           [&](Violation const& violation) { return violation.field == other.field; });
            if (!known) violations_.push_back(std::move(other));
        }
    }

    void refuse_field(std::string_view name, char const* rule, char const* message) {
        std::string pointer;
        base::append_pointer(pointer, name);
        refuse(std::move(pointer), rule, message);
    }

    void refuse(std::string pointer, char const* rule, char const* message) {
        violations_.push_back({std::move(pointer), rule, message});
    }

    StructType const& type_;
    Json::Object members_;
    std::vector<Violation> violations_;
    bool body_is_object_ = true;
};

}  // namespace

TextValue value_from_text(ValueType const& type, std::string_view text) {
    if (!base::valid_utf8(text)) return {.broken_rule = "utf8", .message = "must be valid UTF-8"};
    if (text.find('\0') != std::string_view::npos) return {.broken_rule = "nul", .message = "must not contain U+0000"};
    switch (type.kind) {
        case Kind::boolean:
            if (text == "true" || text == "false") return {.json = text == "true"};
            return {.broken_rule = "type", .message = "must be true or false"};
        case Kind::integer:
            if (std::int64_t number = 0; read_number(text, number)) return {.json = number};
            return {.broken_rule = "type", .message = "must be a whole number"};
        case Kind::number:
            if (double number = 0; read_number(text, number) && std::isfinite(number)) return {.json = number};
            return {.broken_rule = "type", .message = "must be a number"};
        case Kind::text:
        case Kind::decimal:
        case Kind::timestamp:
        case Kind::bytes:
        case Kind::enumeration:
            return {.json = text};
        case Kind::json:
        case Kind::object:
        case Kind::list:
        case Kind::map:
        case Kind::variant:
        case Kind::optional:
        case Kind::patch:
            if (auto json = Json::parse(text)) return {.json = std::move(*json)};
            return {.broken_rule = "type", .message = "must be JSON"};
    }
    return {.broken_rule = "type", .message = "has no text form"};
}

Result<std::shared_ptr<void>> read_input(StructType const& type, InputSource const& source) {
    InputReader reader(type);
    if (auto read = reader.body(source.body); !read) return std::move(read).error();
    auto const parameters = std::min(source.path_names.size(), source.path_values.size());
    for (std::size_t i = 0; i < parameters; ++i) reader.path(source.path_names[i], source.path_values[i]);
    if (source.query != nullptr) {
        for (auto const& parameter : *source.query) {
            if (source.fields_in_query) {
                reader.query(parameter);
            } else {
                reader.unknown(parameter.name);
            }
        }
    }
    return reader.finish();
}

}  // namespace nexpo::gateway
