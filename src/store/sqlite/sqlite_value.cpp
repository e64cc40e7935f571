// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_value.hpp"

#include <algorithm>
#include <chrono>

#include "base/json_write.hpp"
#include "store/sql_session.hpp"

namespace nexpo::store {

namespace {

/// Longer text is worth an allocation of its own; room for it would never be given back.
constexpr std::size_t kShortText = 256;

struct Binder {
    SQLite::Statement& statement;
    int index;
    std::string& room;

    void operator()(std::nullptr_t) const { statement.bind(index); }
    void operator()(bool value) const { statement.bind(index, value ? 1 : 0); }
    void operator()(std::int64_t value) const { statement.bind(index, value); }
    void operator()(double value) const { statement.bind(index, value); }
    // SQLiteCpp binds text of a given length from std::string only.
    void operator()(std::string_view text) const {
        if (text.size() > kShortText) return statement.bind(index, std::string(text));
        room = text;
        statement.bindNoCopy(index, room);
    }
    void operator()(std::string const& text) const { statement.bindNoCopy(index, text); }
    void operator()(JsonText const& json) const { statement.bindNoCopy(index, json.text); }
    void operator()(std::span<std::uint8_t const> bytes) const {
        statement.bindNoCopy(index, bytes.empty() ? static_cast<void const*>("") : bytes.data(),
                             static_cast<int>(bytes.size()));
    }
    void operator()(Timestamp time) const {
        statement.bind(index, static_cast<std::int64_t>(time.time_since_epoch().count()));
    }
    void operator()(std::span<std::string const> list) const {
        std::string json = "[";
        for (auto const& text : list) {
            if (json.size() > 1) json += ',';
            base::append_string(json, text);
        }
        json += ']';
        statement.bind(index, json);
    }
};

Error unmapped(SQLite::Column const& column, char const* why) {
    return {Errc::internal, "sql_mapping", std::string("column ") + column.getName() + " " + why};
}

std::string_view text_of(SQLite::Column const& column) {
    auto const* text = static_cast<char const*>(column.getBlob());
    return {text == nullptr ? "" : text, static_cast<std::size_t>(column.getBytes())};
}

/// SQLite would turn any value into any other: text that is no number into 0.
bool holds(SQLite::Column const& column, Kind kind) {
    switch (kind) {
        case Kind::boolean:
        case Kind::integer:
        case Kind::timestamp:
            return column.isInteger();
        case Kind::number:
            return column.isFloat() || column.isInteger();
        case Kind::text:
        case Kind::decimal:
        case Kind::json:
        case Kind::enumeration:
            return column.isText();
        case Kind::bytes:
            return column.isBlob();
        default:
            return true;
    }
}

Result<void> read_word(SQLite::Column const& column, ValueType const& type, void* value) {
    auto const found = std::ranges::find(type.names, text_of(column));
    if (found == type.names.end()) return unmapped(column, "holds an unknown word");
    type.set_integer(value, found - type.names.begin());
    return {};
}

Result<void> read_json(SQLite::Column const& column, void* value) {
    auto json = Json::parse(text_of(column), kStoredDepth);
    if (!json) return unmapped(column, "holds no JSON");
    *static_cast<Json*>(value) = std::move(*json);
    return {};
}

}  // namespace

void bind(SQLite::Statement& statement, int index, SqlParam const& param, std::string& room) {
    std::visit(Binder{statement, index, room}, param.value());
}

Result<void> read_column(SQLite::Column const& column, ValueType const& type, void* value) {
    if (type.kind == Kind::optional) {
        if (!column.isNull()) return read_column(column, *type.element, type.fill(value));
        type.clear(value);
        return {};
    }
    if (column.isNull()) return unmapped(column, "is NULL but the field is not optional");
    if (!holds(column, type.kind)) return unmapped(column, "is of another type than the field");
    switch (type.kind) {
        case Kind::boolean:
            *static_cast<bool*>(value) = column.getInt64() != 0;
            return {};
        case Kind::integer: {
            auto const number = column.getInt64();
            if (number < type.lowest || number > type.highest) return unmapped(column, "is out of range");
            type.set_integer(value, number);
            return {};
        }
        case Kind::number:
            *static_cast<double*>(value) = column.getDouble();
            return {};
        case Kind::decimal: {
            auto const decimal = Decimal::parse(text_of(column));
            if (!decimal) return unmapped(column, "holds no decimal");
            *static_cast<Decimal*>(value) = *decimal;
            return {};
        }
        case Kind::text:
            type.set_text(value, text_of(column));
            return {};
        case Kind::bytes: {
            auto const bytes = text_of(column);
            static_cast<Bytes*>(value)->assign(bytes.begin(), bytes.end());
            return {};
        }
        case Kind::timestamp:
            *static_cast<Timestamp*>(value) = Timestamp(std::chrono::microseconds(column.getInt64()));
            return {};
        case Kind::json:
            return read_json(column, value);
        case Kind::enumeration:
            return read_word(column, type, value);
        default:
            return unmapped(column, "cannot hold the field's type; use Json");
    }
}

}  // namespace nexpo::store
