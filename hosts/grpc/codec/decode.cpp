// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <bitset>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "grpc/codec/message_codec.hpp"

namespace nexpo::grpc_host {

namespace {

constexpr std::uint32_t kSeconds = 1;
constexpr std::uint32_t kNanos = 2;
constexpr std::uint32_t kKey = 1;
constexpr std::uint32_t kEntryValue = 2;
constexpr std::uint32_t kPaths = 1;
constexpr char const* kWrongType = "is not of the type that its field has";
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMicrosecond = 1'000;

void* at(void* base, Field const& field) {
    return static_cast<char*>(base) + field.offset();
}

/// Where a value stands; becomes a JSON pointer only when something is wrong there.
struct Path {
    Path const* parent = nullptr;
    std::string_view name{};
    std::size_t index = 0;
    bool is_index = false;

    std::string pointer() const {
        if (parent == nullptr) return {};
        auto text = parent->pointer() + '/';
        if (is_index) return text + std::to_string(index);
        for (char const c : name) {  // RFC 6901 section 3
            if (c == '~') {
                text += "~0";
            } else if (c == '/') {
                text += "~1";
            } else {
                text += c;
            }
        }
        return text;
    }
};

/// Reads one message. The functions answer false when the bytes are no message, and note what else is wrong.
class Decoder {
 public:
    explicit Decoder(Sender sender) : sender_(sender) {}

    bool message(MessageType const& type, void* value, std::string_view bytes, Path const& path, int level) {
        if (level > kMostLevels) return false;
        std::bitset<MessageType::kMostFields> seen;
        std::optional<std::set<std::string_view>> mask;
        if (type.update_mask != 0 && !read_mask(type, bytes, mask, path)) return false;
        WireReader reader(bytes);
        while (!reader.at_end()) {
            auto const tag = reader.tag();
            if (!tag) return false;
            auto const* field = type.find(tag->number);
            if (field == nullptr) {
                if (tag->number != type.update_mask) unknown(tag->number, path);
                if (!reader.skip(*tag)) return false;
                continue;
            }
            Path const inner{&path, field->name};
            auto const index = static_cast<std::size_t>(field - type.fields.data());
            if (!accepts(*field, *tag, seen[index], mask, inner)) {
                seen.set(index);  // what was refused is not missing as well
                if (!reader.skip(*tag)) return false;
                continue;
            }
            bool given = true;
            bool const again = seen[index];
            if (!member(*field, at(value, *field->field), *tag, reader, inner, level, again, given)) return false;
            if (given) seen.set(index);
        }
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            if (!seen[i]) absent(type.fields[i], value, mask, path);
        }
        return true;
    }

    std::vector<Violation> violations{};

 private:
    using Mask = std::optional<std::set<std::string_view>>;

    /// Whether the field is to be read, and not only passed over.
    bool accepts(MessageField const& field, Tag tag, bool seen, Mask const& mask, Path const& path) {
        if (mask && field.shape == Shape::patch && !mask->contains(field.name)) return false;
        if (field.field->is_read_only() && sender_ == Sender::client) {
            refuse(path, "read_only", "cannot be set");
            return false;
        }
        bool const is_map = field.many != nullptr && field.many->kind == Kind::map;
        bool const may_be_packed = field.many != nullptr && !is_map && tag.type == WireType::bytes;
        auto const wire = is_map ? WireType::bytes : field.value.wire;
        if (tag.type != wire && !may_be_packed) {
            refuse(path, "type", kWrongType);
            return false;
        }
        if (seen && field.many == nullptr) {
            refuse(path, "duplicate", "is given twice");
            return false;
        }
        return true;
    }

    bool member(MessageField const& field, void* value, Tag tag, WireReader& reader, Path const& path, int level,
                bool again, bool& given) {
        if (field.many == nullptr) {
            if (field.shape != Shape::single) return optional(field, value, reader, path, level, given);
            return this->value(field.value, value, reader, path, level, given);
        }
        void* many = value;
        if (field.shape != Shape::single) {
            auto const& outer = field.field->type();
            many = again ? const_cast<void*>(outer.inside(value)) : outer.fill(value);
        }
        if (!again) field.many->clear(many);
        if (field.many->kind == Kind::map) return entry(field, many, reader, path, level);
        bool const packed = tag.type == WireType::bytes && field.value.wire != WireType::bytes;
        if (!packed) return element(field, many, reader, path, level);
        auto const piece = reader.bytes();
        if (!piece) return false;
        WireReader elements(*piece);
        while (!elements.at_end()) {
            if (!element(field, many, elements, path, level)) return false;
        }
        return true;
    }

    bool optional(MessageField const& field, void* value, WireReader& reader, Path const& path, int level,
                  bool& given) {
        auto const& type = field.field->type();
        if (field.value.type->kind == Kind::enumeration) {
            // Zero means that none is given: nothing must have become a value by then.
            auto const number = reader.varint();
            if (!number) return false;
            given = static_cast<std::uint32_t>(*number) != 0;
            if (given) enumeration(field.value, type.fill(value), *number, path);
            return true;
        }
        void* inside = type.fill(value);
        if (!this->value(field.value, inside, reader, path, level, given)) return false;
        if (field.value.type->kind == Kind::json && static_cast<Json const*>(inside)->is_null()) type.clear(value);
        return true;
    }

    bool element(MessageField const& field, void* list, WireReader& reader, Path const& path, int level) {
        auto const size = field.many->size(list);
        // What lies beyond the limit is counted once, for the rule to see, and takes no memory.
        if (is_full(field, size)) return reader.skip({1, field.value.wire});
        Path const inner{&path, {}, size, true};
        bool given = true;
        if (!this->value(field.value, field.many->append(list), reader, inner, level, given)) return false;
        if (!given) refuse(inner, "enum", "must be one of the known words");
        return true;
    }

    static bool is_full(MessageField const& field, std::size_t size) {
        auto const most = field.field->upper();
        return most && size > static_cast<std::size_t>(std::max<std::int64_t>(*most, 0));
    }

    bool entry(MessageField const& field, void* map, WireReader& reader, Path const& path, int level) {
        auto const bytes = reader.bytes();
        if (!bytes) return false;
        auto const size = field.many->size(map);
        if (is_full(field, size)) return true;
        std::string_view key;
        WireReader keys(*bytes);
        while (!keys.at_end()) {
            auto const tag = keys.tag();
            if (!tag) return false;
            if (tag->number != kKey || tag->type != WireType::bytes) {
                if (!keys.skip(*tag)) return false;
                continue;
            }
            auto const text = keys.bytes();
            if (!text) return false;
            key = *text;
        }
        Path const inner{&path, key};
        void* target = field.many->insert(map, key);
        if (field.many->size(map) == size) {
            refuse(inner, "duplicate", "is given twice");
            return true;
        }
        WireReader values(*bytes);
        while (!values.at_end()) {
            auto const tag = values.tag();
            if (!tag) return false;
            bool const is_value = tag->number == kEntryValue && tag->type == field.value.wire;
            if (tag->number == kEntryValue && !is_value) refuse(inner, "type", kWrongType);
            bool given = true;
            if (!(is_value ? this->value(field.value, target, values, inner, level, given) : values.skip(*tag))) {
                return false;
            }
        }
        return true;
    }

    bool value(WireValue const& type, void* value, WireReader& reader, Path const& path, int level, bool& given) {
        switch (type.type->kind) {
            case Kind::boolean: {
                auto const number = reader.varint();
                if (number) *static_cast<bool*>(value) = *number != 0;
                return number.has_value();
            }
            case Kind::integer: {
                auto const number = reader.varint();
                if (number) integer(type, value, static_cast<std::int64_t>(*number), path);
                return number.has_value();
            }
            case Kind::enumeration: {
                auto const number = reader.varint();
                if (!number) return false;
                given = static_cast<std::uint32_t>(*number) != 0;
                if (given) enumeration(type, value, *number, path);
                return true;
            }
            case Kind::number: {
                auto const bits = reader.fixed64();
                if (bits) *static_cast<double*>(value) = std::bit_cast<double>(*bits);
                return bits.has_value();
            }
            default:
                break;
        }
        auto const bytes = reader.bytes();
        return bytes && piece(type, value, *bytes, path, level);
    }

    /// What has a length on the wire.
    bool piece(WireValue const& type, void* value, std::string_view bytes, Path const& path, int level) {
        switch (type.type->kind) {
            case Kind::text:
                type.type->set_text(value, bytes);
                return true;
            case Kind::decimal:
                if (auto const decimal = Decimal::parse(bytes)) {
                    *static_cast<Decimal*>(value) = *decimal;
                } else {
                    refuse(path, "decimal", "must be a decimal number with at most nine digits after the point");
                }
                return true;
            case Kind::bytes: {
                auto const* begin = reinterpret_cast<std::uint8_t const*>(bytes.data());
                static_cast<Bytes*>(value)->assign(begin, begin + bytes.size());
                return true;
            }
            case Kind::timestamp:
                return timestamp(*static_cast<Timestamp*>(value), bytes, path);
            case Kind::json: {
                auto& json = *static_cast<Json*>(value);
                return type.is_struct ? read_json_struct(bytes, json, 1) : read_json_value(bytes, json, 1);
            }
            case Kind::variant:
                return variant(type, value, bytes, path, level + 1);
            default:
                return message(*type.message, value, bytes, path, level + 1);
        }
    }

    void integer(WireValue const& type, void* value, std::int64_t number, Path const& path) {
        if (number < type.type->lowest || number > type.type->highest) {
            return refuse(path, "range", "is out of range");
        }
        type.type->set_integer(value, number);
    }

    void enumeration(WireValue const& type, void* value, std::uint64_t number, Path const& path) {
        auto const index = static_cast<std::uint32_t>(number);  // protobuf cuts longer numbers off
        auto const position = index < type.positions.size() ? type.positions[index] : -1;
        if (position >= 0) return type.type->set_integer(value, position);
        std::string words;
        for (auto const word : type.type->names) words.append(words.empty() ? "" : ", ").append(word);
        refuse(path, "enum", "must be one of: " + words);
    }

    bool timestamp(Timestamp& time, std::string_view bytes, Path const& path) {
        std::int64_t seconds = 0;
        std::int64_t nanos = 0;
        WireReader reader(bytes);
        while (!reader.at_end()) {
            auto const tag = reader.tag();
            if (!tag) return false;
            bool const known = tag->type == WireType::varint && (tag->number == kSeconds || tag->number == kNanos);
            if (!known) {
                if (!reader.skip(*tag)) return false;
                continue;
            }
            auto const number = reader.varint();
            if (!number) return false;
            (tag->number == kSeconds ? seconds : nanos) = static_cast<std::int64_t>(*number);
        }
        using std::chrono::floor;
        auto const first = floor<std::chrono::seconds>(min_timestamp()).time_since_epoch().count();
        auto const last = floor<std::chrono::seconds>(max_timestamp()).time_since_epoch().count();
        bool const sound = seconds >= first && seconds <= last && nanos >= 0 && nanos < kNanosPerSecond;
        if (!sound) {
            refuse(path, "timestamp", "must be a time in the years 1 to 9999");
            return true;
        }
        time = Timestamp(std::chrono::seconds(seconds) + std::chrono::microseconds(nanos / kNanosPerMicrosecond));
        return true;
    }

    bool variant(WireValue const& type, void* value, std::string_view bytes, Path const& path, int level) {
        if (level > kMostLevels) return false;
        bool seen = false;
        WireReader reader(bytes);
        while (!reader.at_end()) {
            auto const tag = reader.tag();
            if (!tag) return false;
            auto const* field = type.message->find(tag->number);
            if (field == nullptr) unknown(tag->number, path);
            Path const inner{&path, field == nullptr ? std::string_view() : field->name};
            bool const fits = field != nullptr && tag->type == field->value.wire;
            if (field != nullptr && !fits) refuse(inner, "type", kWrongType);
            if (fits && seen) refuse(path, "variant", "must have exactly one of its fields");
            if (!fits || seen) {
                if (!reader.skip(*tag)) return false;
                continue;
            }
            seen = true;
            auto const index = static_cast<std::size_t>(field - type.message->fields.data());
            bool given = true;
            if (!this->value(field->value, type.type->select(value, index), reader, inner, level, given)) return false;
        }
        if (!seen) refuse(path, "variant", "must have exactly one of its fields");
        return true;
    }

    /// The names in the update mask; nothing when there is no mask. `*` stands for all.
    bool read_mask(MessageType const& type, std::string_view bytes, Mask& mask, Path const& path) {
        WireReader reader(bytes);
        while (!reader.at_end()) {
            auto const tag = reader.tag();
            if (!tag) return false;
            if (tag->number != type.update_mask || tag->type != WireType::bytes) {
                if (!reader.skip(*tag)) return false;
                continue;
            }
            auto const piece = reader.bytes();
            if (!piece) return false;
            WireReader paths(*piece);
            while (!paths.at_end()) {
                auto const inner = paths.tag();
                if (!inner || inner->number != kPaths || inner->type != WireType::bytes) return false;
                auto const name = paths.bytes();
                if (!name) return false;
                add_to_mask(type, mask, *name, path);
            }
        }
        return true;
    }

    void add_to_mask(MessageType const& type, Mask& mask, std::string_view name, Path const& path) {
        if (!mask) mask.emplace();
        bool found = false;
        for (auto const& field : type.fields) {
            if (field.shape != Shape::patch || (name != "*" && name != field.name)) continue;
            mask->insert(field.name);
            found = true;
        }
        if (!found) refuse({&path, "update_mask"}, "unknown", "names what is no field that can change");
    }

    /// What becomes of a field that the message does not have.
    void absent(MessageField const& field, void* value, Mask const& mask, Path const& path) {
        auto const& member = *field.field;
        bool const client = sender_ == Sender::client;
        if (mask && field.shape == Shape::patch && mask->contains(field.name)) {
            member.type().clear(at(value, member));
        }
        bool const may_be_absent = field.shape == Shape::patch || (member.is_read_only() && client);
        if (client && member.is_required() && !may_be_absent) refuse({&path, field.name}, "required", "is required");
        if (!client && !field.has_presence) zero(field, at(value, member));
    }

    /// A sender leaves out what is zero.
    static void zero(MessageField const& field, void* value) {
        auto const& type = *field.value.type;
        if (field.many != nullptr) {
            if (field.shape == Shape::single) field.many->clear(value);
        } else if (type.kind == Kind::boolean) {
            *static_cast<bool*>(value) = false;
        } else if (type.kind == Kind::integer) {
            type.set_integer(value, 0);
        } else if (type.kind == Kind::number) {
            *static_cast<double*>(value) = 0;
        } else if (type.kind == Kind::text) {
            type.set_text(value, {});
        } else if (type.kind == Kind::bytes) {
            static_cast<Bytes*>(value)->clear();
        } else if (type.kind == Kind::decimal) {
            *static_cast<Decimal*>(value) = {};
        }
    }

    /// Whoever sends what we do not know means something by it: to do half of what was asked is worse than to refuse.
    void unknown(std::uint32_t number, Path const& path) {
        if (sender_ == Sender::server) return;
        auto const name = std::to_string(number);
        refuse({&path, name}, "unknown", "is the number of no field");
    }

    void refuse(Path const& path, char const* rule, std::string message) {
        if (violations.size() < kMostViolations) violations.push_back({path.pointer(), rule, std::move(message)});
    }

    Sender sender_;
};

/// True when the field or something around it is among `fields`.
bool lies_in(std::set<std::string_view> const& fields, std::string_view field) {
    while (!fields.contains(field)) {
        if (field.empty()) return false;
        field = field.substr(0, field.rfind('/'));
    }
    return true;
}

/// What could not be read still has its old value: what the rules say of that and its parts would only confuse.
void add_broken_rules(StructType const& type, void const* value, std::vector<Violation>& violations) {
    auto const checked = validate(type, value);
    if (checked) return;
    std::set<std::string> unread;
    for (auto const& violation : violations) unread.insert(violation.field);
    std::set<std::string_view> const fields(unread.begin(), unread.end());
    for (auto const& broken : checked.error().violations) {
        if (violations.size() == kMostViolations) return;
        if (!lies_in(fields, broken.field)) violations.push_back(broken);
    }
}

}  // namespace

Result<void> decode(MessageType const& type, void* value, std::string_view bytes, Sender sender) {
    Decoder decoder(sender);
    if (!decoder.message(type, value, bytes, {}, 1)) {
        return Error{Errc::invalid_argument, "protobuf_malformed", "the message is no " + type.name};
    }
    if (decoder.violations.empty()) return {};
    add_broken_rules(*type.structure, value, decoder.violations);
    return Error{Errc::invalid_argument, "validation_failed", "the input breaks the rules of its fields",
                 std::move(decoder.violations)};
}

}  // namespace nexpo::grpc_host
