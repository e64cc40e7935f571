// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "grpc/codec/message_codec.hpp"

namespace nexpo::grpc_host {

namespace {

constexpr std::uint32_t kSeconds = 1;
constexpr std::uint32_t kNanos = 2;
constexpr std::uint32_t kKey = 1;
constexpr std::uint32_t kEntryValue = 2;
constexpr std::int64_t kNanosPerMicrosecond = 1'000;

/// Appends messages. Scalars without presence are left out when they are zero.
class Encoder {
 public:
    explicit Encoder(std::string& out) : out_(out), writer_(out) {}

    void message(MessageType const& type, void const* value) {
        for (auto const& field : type.fields) {
            auto const* member = static_cast<char const*>(value) + field.field->offset();
            auto const* inside =
                field.shape == Shape::single ? static_cast<void const*>(member) : field.field->type().inside(member);
            if (inside == nullptr) continue;
            if (field.many != nullptr) {
                many(field, inside);
            } else if (field.has_presence || !is_zero(*field.value.type, inside)) {
                writer_.tag(field.number, field.value.wire);
                this->value(field.value, inside);
            }
        }
    }

 private:
    static bool is_zero(ValueType const& type, void const* value) {
        switch (type.kind) {
            case Kind::boolean:
                return !*static_cast<bool const*>(value);
            case Kind::integer:
                return type.integer(value) == 0;
            case Kind::number:  // -0.0 is not zero, as its bits are not
                return std::bit_cast<std::uint64_t>(*static_cast<double const*>(value)) == 0;
            case Kind::text:
                return type.text(value).empty();
            case Kind::bytes:
                return static_cast<Bytes const*>(value)->empty();
            default:
                return false;
        }
    }

    void many(MessageField const& field, void const* value) {
        if (field.many->kind == Kind::map) {
            struct Context {
                Encoder& encoder;
                MessageField const& field;
            } context{*this, field};
            field.many->each(value, &context, [](void* at, std::string_view key, void const* entry) {
                auto& [encoder, field] = *static_cast<Context*>(at);
                encoder.entry(field, key, entry);
            });
            return;
        }
        auto const size = field.many->size(value);
        if (size == 0) return;
        if (field.value.wire != WireType::bytes) {
            writer_.tag(field.number, WireType::bytes);
            writer_.message([&] {
                for (std::size_t i = 0; i < size; ++i) this->value(field.value, field.many->at(value, i));
            });
            return;
        }
        for (std::size_t i = 0; i < size; ++i) {
            writer_.tag(field.number, WireType::bytes);
            this->value(field.value, field.many->at(value, i));
        }
    }

    void entry(MessageField const& field, std::string_view key, void const* value) {
        writer_.tag(field.number, WireType::bytes);
        writer_.message([&] {
            writer_.text_field(kKey, key);
            writer_.tag(kEntryValue, field.value.wire);
            this->value(field.value, value);
        });
    }

    void value(WireValue const& type, void const* value) {
        switch (type.type->kind) {
            case Kind::boolean:
                return writer_.varint(*static_cast<bool const*>(value) ? 1 : 0);
            case Kind::integer:
                return writer_.varint(static_cast<std::uint64_t>(type.type->integer(value)));
            case Kind::enumeration: {
                auto const position = static_cast<std::size_t>(type.type->integer(value));
                bool const known = position < type.numbers.size();
                return writer_.varint(known ? static_cast<std::uint64_t>(type.numbers[position]) : 0);
            }
            case Kind::number:
                return writer_.fixed64(std::bit_cast<std::uint64_t>(*static_cast<double const*>(value)));
            case Kind::text:
                return writer_.bytes(type.type->text(value));
            case Kind::decimal:
                return writer_.bytes(static_cast<Decimal const*>(value)->to_string());
            case Kind::bytes: {
                auto const& bytes = *static_cast<Bytes const*>(value);
                return writer_.bytes({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
            }
            case Kind::timestamp:
                return writer_.message([&] { timestamp(*static_cast<Timestamp const*>(value)); });
            case Kind::json:
                return writer_.message([&] {
                    auto const& json = *static_cast<Json const*>(value);
                    type.is_struct ? write_json_struct(json, out_) : write_json_value(json, out_);
                });
            case Kind::variant:
                return writer_.message([&] { variant(type, value); });
            default:
                return writer_.message([&] { message(*type.message, value); });
        }
    }

    void variant(WireValue const& type, void const* value) {
        auto const& field = type.message->fields[type.type->index(value)];
        writer_.tag(field.number, field.value.wire);
        this->value(field.value, type.type->alternative(value));
    }

    void timestamp(Timestamp time) {
        auto const seconds = std::chrono::floor<std::chrono::seconds>(time);
        auto const micros = std::chrono::duration_cast<std::chrono::microseconds>(time - seconds).count();
        if (auto const count = seconds.time_since_epoch().count(); count != 0) {
            writer_.tag(kSeconds, WireType::varint);
            writer_.varint(static_cast<std::uint64_t>(count));
        }
        if (micros != 0) {
            writer_.tag(kNanos, WireType::varint);
            writer_.varint(static_cast<std::uint64_t>(micros * kNanosPerMicrosecond));
        }
    }

    std::string& out_;
    WireWriter writer_;
};

}  // namespace

void encode(MessageType const& type, void const* value, std::string& out) {
    Encoder(out).message(type, value);
}

}  // namespace nexpo::grpc_host
