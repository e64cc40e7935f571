// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <span>

#include "base/base64.hpp"
#include "base/json_pointer.hpp"
#include "describe/codec.hpp"

namespace nexpo::describe {

namespace {

using Tags = std::vector<std::string>;

std::string joined(auto const& words) {
    std::string text;
    for (auto const& word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

class Reader {
 public:
    Reader(Source source, std::vector<Violation>& violations) : source_(source), violations_(violations) {}

    void object(StructType const& type, void* value, Json const& json, std::string const& pointer) {
        auto const* members = json.if_object();
        if (members == nullptr) return refuse(pointer, "type", "must be an object");
        std::vector<bool> seen(type.fields().size());
        for (auto const& [name, member] : *members) {
            auto const inner = pointer + '/' + base::escape_pointer_token(name);
            auto const* field = type.find(name);
            if (field == nullptr) {
                refuse(inner, "unknown", "is not a field of " + type.name());
                continue;
            }
            auto const index = static_cast<std::size_t>(field - type.fields().data());
            if (seen[index]) {
                refuse(inner, "duplicate", "is given twice");
                continue;
            }
            seen[index] = true;
            if (field->is_read_only() && source_ == Source::caller) {
                refuse(inner, "read_only", "cannot be set");
                continue;
            }
            this->value(field->type(), at(value, *field), member, inner, field->tag_names());
        }
        for (std::size_t i = 0; i < seen.size(); ++i) {
            auto const& field = type.fields()[i];
            bool const answers_only = field.is_read_only() && source_ == Source::caller;
            bool const may_be_absent = field.type().kind == Kind::patch || answers_only;
            if (field.is_required() && !may_be_absent && !seen[i]) {
                refuse(pointer + '/' + base::escape_pointer_token(field.name()), "required", "is required");
            }
        }
    }

 private:
    void value(ValueType const& type, void* value, Json const& json, std::string const& pointer, Tags const& tags) {
        switch (type.kind) {
            case Kind::boolean:
                if (auto const* boolean = json.if_boolean()) {
                    *static_cast<bool*>(value) = *boolean;
                } else {
                    refuse(pointer, "type", "must be true or false");
                }
                break;
            case Kind::integer:
                return integer(type, value, json, pointer);
            case Kind::number:
                return number(value, json, pointer);
            case Kind::enumeration:
                return enumeration(type, value, json, pointer);
            case Kind::json:
                *static_cast<Json*>(value) = json;
                break;
            case Kind::text:
            case Kind::decimal:
            case Kind::timestamp:
            case Kind::bytes:
                if (auto const* text = json.if_string()) {
                    this->text(type, value, *text, pointer);
                } else {
                    refuse(pointer, "type", "must be a string");
                }
                break;
            case Kind::object:
                return object(type.structure(), value, json, pointer);
            case Kind::list:
                return list(type, value, json, pointer, tags);
            case Kind::map:
                return map(type, value, json, pointer, tags);
            case Kind::variant:
                return variant(type, value, json, pointer, tags);
            case Kind::optional:
            case Kind::patch:
                if (json.is_null()) {
                    type.clear(value);
                } else {
                    this->value(*type.element, type.fill(value), json, pointer, tags);
                }
                break;
        }
    }

    void integer(ValueType const& type, void* value, Json const& json, std::string const& pointer) {
        auto const* whole = json.if_integer();
        std::int64_t number = 0;
        if (whole != nullptr) {
            number = *whole;
        } else if (auto const* real = json.if_number(); real != nullptr && std::trunc(*real) == *real) {
            // 1.0 and 1e3 are whole numbers; a double beyond 2^53 may have been rounded on the way here.
            if (std::abs(*real) > static_cast<double>(kMaxSafeInteger)) return refuse_range(pointer);
            number = static_cast<std::int64_t>(*real);
        } else {
            return refuse(pointer, "type", "must be a whole number");
        }
        if (number < type.lowest || number > type.highest) return refuse_range(pointer);
        bool const safe = number <= kMaxSafeInteger && number >= -kMaxSafeInteger;
        if (!safe && source_ == Source::caller) return refuse_range(pointer);
        type.set_integer(value, number);
    }

    void number(void* value, Json const& json, std::string const& pointer) {
        if (auto const* real = json.if_number()) {
            *static_cast<double*>(value) = *real;
        } else if (auto const* whole = json.if_integer()) {
            *static_cast<double*>(value) = static_cast<double>(*whole);
        } else {
            refuse(pointer, "type", "must be a number");
        }
    }

    void enumeration(ValueType const& type, void* value, Json const& json, std::string const& pointer) {
        auto const* word = json.if_string();
        if (word == nullptr) return refuse(pointer, "type", "must be a string");
        auto const found = std::ranges::find(type.names, *word);
        if (found != type.names.end()) return type.set_integer(value, found - type.names.begin());
        refuse(pointer, "enum", "must be one of: " + joined(type.names));
    }

    void text(ValueType const& type, void* value, std::string const& text, std::string const& pointer) {
        switch (type.kind) {
            case Kind::decimal:
                if (auto const decimal = Decimal::parse(text)) {
                    *static_cast<Decimal*>(value) = *decimal;
                } else {
                    refuse(pointer, "decimal", "must be a decimal number with at most nine digits after the point");
                }
                break;
            case Kind::timestamp:
                if (auto const time = parse_timestamp(text)) {
                    *static_cast<Timestamp*>(value) = *time;
                } else {
                    refuse(pointer, "timestamp", "must be a time such as 2026-03-01T12:00:00Z");
                }
                break;
            case Kind::bytes:
                if (auto const bytes = base::base64url_decode(text)) {
                    auto const data = std::as_bytes(std::span(*bytes));
                    auto const* begin = reinterpret_cast<std::uint8_t const*>(data.data());
                    static_cast<Bytes*>(value)->assign(begin, begin + data.size());
                } else {
                    refuse(pointer, "base64url", "must be base64url without padding");
                }
                break;
            default:
                type.set_text(value, text);
        }
    }

    void list(ValueType const& type, void* value, Json const& json, std::string const& pointer, Tags const& tags) {
        auto const* elements = json.if_array();
        if (elements == nullptr) return refuse(pointer, "type", "must be an array");
        type.clear(value);
        for (std::size_t i = 0; i < elements->size(); ++i) {
            this->value(*type.element, type.append(value), (*elements)[i], pointer + '/' + std::to_string(i), tags);
        }
    }

    void map(ValueType const& type, void* value, Json const& json, std::string const& pointer, Tags const& tags) {
        auto const* members = json.if_object();
        if (members == nullptr) return refuse(pointer, "type", "must be an object");
        type.clear(value);
        for (auto const& [key, member] : *members) {
            auto const inner = pointer + '/' + base::escape_pointer_token(key);
            auto const size = type.size(value);
            auto* entry = type.insert(value, key);
            if (type.size(value) == size) {
                refuse(inner, "duplicate", "is given twice");
            } else {
                this->value(*type.element, entry, member, inner, tags);
            }
        }
    }

    void variant(ValueType const& type, void* value, Json const& json, std::string const& pointer, Tags const& tags) {
        auto const* members = json.if_object();
        auto const found =
            members == nullptr || members->size() != 1 ? tags.end() : std::ranges::find(tags, members->front().first);
        if (found == tags.end()) {
            return refuse(pointer, "variant", "must be an object with exactly one of: " + joined(tags));
        }
        auto const& [name, member] = members->front();
        auto const index = static_cast<std::size_t>(found - tags.begin());
        this->value(*type.alternatives[index], type.select(value, index), member,
                    pointer + '/' + base::escape_pointer_token(name), {});
    }

    void refuse(std::string pointer, std::string rule, std::string message) {
        if (violations_.size() == kMaxViolations) return;
        violations_.push_back({std::move(pointer), std::move(rule), std::move(message)});
    }

    void refuse_range(std::string const& pointer) { refuse(pointer, "range", "is out of range"); }

    Source source_;
    std::vector<Violation>& violations_;
};

/// True when the field or something around it is among `fields`.
bool lies_in(std::set<std::string_view> const& fields, std::string_view field) {
    while (!fields.contains(field)) {
        if (field.empty()) return false;
        field = field.substr(0, field.rfind('/'));
    }
    return true;
}

}  // namespace

void read_json(StructType const& type, void* value, Json const& json, Source source,
               std::vector<Violation>& violations) {
    Reader(source, violations).object(type, value, json, "");
}

Result<void> read_stored(StructType const& type, void* value, std::string_view text) {
    constexpr std::size_t kOwnDepth = 512;  // our own answers may nest deeper than what we take from others
    auto json = Json::parse(text, kOwnDepth);
    std::vector<Violation> violations;
    if (json) read_json(type, value, *json, Source::store, violations);
    if (!json || !violations.empty()) {
        return Error{Errc::data_loss, "stored_answer_unreadable", "a stored " + type.name() + " cannot be read"};
    }
    return {};
}

Error validation_error(std::vector<Violation> violations) {
    return {Errc::invalid_argument, "validation_failed", "the input breaks the rules of its fields",
            std::move(violations)};
}

}  // namespace nexpo::describe

namespace nexpo::inline v1 {

Result<void> from_json(StructType const& type, void* value, Json const& json) {
    std::vector<Violation> violations;
    describe::read_json(type, value, json, describe::Source::caller, violations);

    // What could not be read still has its old value: what the rules say of that and its parts would only confuse.
    std::vector<Violation> broken;
    describe::check_rules(type, value, broken);
    std::set<std::string_view> unread;
    for (auto const& violation : violations) unread.insert(violation.field);
    std::erase_if(broken, [&](Violation const& violation) { return describe::lies_in(unread, violation.field); });

    violations.insert(violations.end(), std::move_iterator(broken.begin()), std::move_iterator(broken.end()));
    if (violations.size() > describe::kMaxViolations) violations.resize(describe::kMaxViolations);
    if (!violations.empty()) return describe::validation_error(std::move(violations));
    return {};
}

Result<void> from_json(StructType const& type, void* value, std::string_view text) {
    auto json = Json::parse(text);
    if (!json) return std::move(json).error();
    return from_json(type, value, *json);
}

}  // namespace nexpo::inline v1
