// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_value.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <optional>

#include "store/sql_session.hpp"

namespace nexpo::store {

namespace {

constexpr PgType kBool = 16;
constexpr PgType kBytea = 17;
constexpr PgType kName = 19;
constexpr PgType kInt8 = 20;
constexpr PgType kInt2 = 21;
constexpr PgType kInt4 = 23;
constexpr PgType kText = 25;
constexpr PgType kJson = 114;
constexpr PgType kFloat4 = 700;
constexpr PgType kFloat8 = 701;
constexpr PgType kTextArray = 1009;
constexpr PgType kVarchar = 1043;
constexpr PgType kTimestamptz = 1184;
constexpr PgType kNumeric = 1700;
constexpr PgType kJsonb = 3802;

/// PostgreSQL counts microseconds from here.
constexpr Timestamp kEpoch{std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)};
constexpr char kJsonbVersion = 1;

template <class Number>
void append_number(std::string& out, Number number) {
    for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(static_cast<unsigned char>(number >> shift));
    }
}

std::uint64_t read_bits(std::string_view bytes) {
    std::uint64_t bits = 0;
    for (char const c : bytes) bits = bits << 8 | static_cast<unsigned char>(c);
    return bits;
}

/// The binary form of an array of one dimension (array_recv in PostgreSQL's arrayfuncs.c).
std::string text_array(std::span<std::string const> list) {
    std::string out;
    append_number(out, std::uint32_t{list.empty() ? 0U : 1U});
    append_number(out, std::uint32_t{0});  // no NULLs
    append_number(out, std::uint32_t{kText});
    if (list.empty()) return out;
    append_number(out, static_cast<std::uint32_t>(list.size()));
    append_number(out, std::uint32_t{1});
    for (auto const& text : list) {
        append_number(out, static_cast<std::uint32_t>(text.size()));
        out += text;
    }
    return out;
}

Error unmapped(PgColumn const& column, char const* why) {
    return {Errc::internal, "sql_mapping", std::string("column ") + column.name + " " + why};
}

std::optional<std::int64_t> integer_of(PgColumn const& column) {
    auto const bits = read_bits(column.bytes);
    switch (column.type) {
        case kInt2:
            return static_cast<std::int16_t>(bits);
        case kInt4:
            return static_cast<std::int32_t>(bits);
        case kInt8:
            return static_cast<std::int64_t>(bits);
        default:
            return std::nullopt;
    }
}

std::optional<double> number_of(PgColumn const& column) {
    if (column.type == kFloat8) return std::bit_cast<double>(read_bits(column.bytes));
    if (column.type == kFloat4) return std::bit_cast<float>(static_cast<std::uint32_t>(read_bits(column.bytes)));
    if (auto const integer = integer_of(column)) return static_cast<double>(*integer);
    return std::nullopt;
}

std::optional<std::string_view> text_of(PgColumn const& column) {
    switch (column.type) {
        case kText:
        case kVarchar:
        case kName:
        case kJson:
            return column.bytes;
        case kJsonb:
            if (column.bytes.empty() || column.bytes.front() != kJsonbVersion) return std::nullopt;
            return column.bytes.substr(1);
        default:
            return std::nullopt;
    }
}

Result<void> read_integer(PgColumn const& column, ValueType const& type, void* value) {
    auto const number = integer_of(column);
    if (!number) return unmapped(column, "is of another type than the field");
    if (*number < type.lowest || *number > type.highest) return unmapped(column, "is out of range");
    type.set_integer(value, *number);
    return {};
}

Result<void> read_timestamp(PgColumn const& column, void* value) {
    if (column.type != kTimestamptz) return unmapped(column, "is of another type than the field");
    auto const count = static_cast<std::int64_t>(read_bits(column.bytes));
    auto const earliest = (min_timestamp() - kEpoch).count();
    auto const latest = (max_timestamp() - kEpoch).count();
    if (count < earliest || count > latest) return unmapped(column, "is out of range");  // also both infinities
    *static_cast<Timestamp*>(value) = kEpoch + std::chrono::microseconds(count);
    return {};
}

Result<void> read_text(PgColumn const& column, ValueType const& type, void* value) {
    auto const text = text_of(column);
    if (!text) return unmapped(column, "is of another type than the field");
    switch (type.kind) {
        case Kind::decimal: {
            auto const decimal = Decimal::parse(*text);
            if (!decimal) return unmapped(column, "holds no decimal");
            *static_cast<Decimal*>(value) = *decimal;
            return {};
        }
        case Kind::json: {
            auto json = Json::parse(*text, kStoredDepth);
            if (!json) return unmapped(column, "holds no JSON");
            *static_cast<Json*>(value) = std::move(*json);
            return {};
        }
        case Kind::enumeration: {
            auto const found = std::ranges::find(type.names, *text);
            if (found == type.names.end()) return unmapped(column, "holds an unknown word");
            type.set_integer(value, found - type.names.begin());
            return {};
        }
        default:
            type.set_text(value, *text);
            return {};
    }
}

}  // namespace

struct PgParams::Encoder {
    PgParams& to;

    void operator()(std::nullptr_t) const { to.add(0, {}); }
    void operator()(bool value) const { to.add(kBool, value ? std::string_view("\1", 1) : std::string_view("\0", 1)); }
    void operator()(std::int64_t value) const { to.add_number(kInt8, static_cast<std::uint64_t>(value)); }
    void operator()(double value) const { to.add_number(kFloat8, std::bit_cast<std::uint64_t>(value)); }
    void operator()(std::string_view text) const { to.add(kText, text); }
    void operator()(std::string const& text) const { to.add(kText, text); }
    void operator()(std::span<std::uint8_t const> bytes) const {
        to.add(kBytea, {reinterpret_cast<char const*>(bytes.data()), bytes.size()});
    }
    void operator()(Timestamp time) const {
        to.add_number(kTimestamptz, static_cast<std::uint64_t>((time - kEpoch).count()));
    }
    void operator()(JsonText const& json) const {
        to.add(kJsonb, to.texts_.emplace_back(std::string(1, kJsonbVersion) + json.text));
    }
    void operator()(std::span<std::string const> list) const {
        to.add(kTextArray, to.texts_.emplace_back(text_array(list)));
    }
};

void PgParams::assign(std::span<SqlParam const> params) {
    types_.clear();
    values_.clear();
    lengths_.clear();
    formats_.clear();
    numbers_.clear();
    texts_.clear();
    numbers_.reserve(params.size());  // what stands in them must not move
    texts_.reserve(params.size());
    for (auto const& param : params) std::visit(Encoder{*this}, param.value());
}

void PgParams::add(PgType type, std::string_view bytes) {
    types_.push_back(type);
    values_.push_back(type == 0 ? nullptr : bytes.data() == nullptr ? "" : bytes.data());
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
}

void PgParams::add_number(PgType type, std::uint64_t bits) {
    auto& bytes = numbers_.emplace_back();
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<unsigned char>(bits >> (56 - 8 * i)));
    add(type, {bytes.data(), bytes.size()});
}

Result<void> read_column(PgColumn const& column, ValueType const& type, void* value) {
    if (type.kind == Kind::optional) {
        if (!column.null) return read_column(column, *type.element, type.fill(value));
        type.clear(value);
        return {};
    }
    if (column.null) return unmapped(column, "is NULL but the field is not optional");
    if (column.type == kNumeric) return unmapped(column, "is numeric: cast it to bigint, double precision or text");
    switch (type.kind) {
        case Kind::boolean:
            if (column.type != kBool || column.bytes.empty())
                return unmapped(column, "is of another type than the field");
            *static_cast<bool*>(value) = column.bytes.front() != 0;
            return {};
        case Kind::integer:
            return read_integer(column, type, value);
        case Kind::number: {
            auto const number = number_of(column);
            if (!number) return unmapped(column, "is of another type than the field");
            *static_cast<double*>(value) = *number;
            return {};
        }
        case Kind::bytes:
            if (column.type != kBytea) return unmapped(column, "is of another type than the field");
            static_cast<Bytes*>(value)->assign(column.bytes.begin(), column.bytes.end());
            return {};
        case Kind::timestamp:
            return read_timestamp(column, value);
        case Kind::text:
        case Kind::decimal:
        case Kind::json:
        case Kind::enumeration:
            return read_text(column, type, value);
        default:
            return unmapped(column, "cannot hold the field's type; use Json");
    }
}

}  // namespace nexpo::store
