// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A JSON value (RFC 8259) without surprises: duplicate keys, U+0000 and non-finite numbers are refused.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "nexpo/export.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

/// Any JSON value. Objects keep the order of their members. Not thread-safe for writing, like any value.
class NEXPO_API Json {
 public:
    using Array = std::vector<Json>;  ///< The elements in order.
    using Object =
        std::vector<std::pair<std::string, Json>>;  ///< The members in order; names are unique after `parse`.

    /// Which of the seven forms a value has. JSON's number is split: whole numbers that fit are `integer`.
    enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

    Json() noexcept = default;                                      ///< null
    Json(std::nullptr_t) noexcept {}                                ///< null
    Json(bool value) noexcept : value_(value) {}                    ///< true or false
    Json(std::int64_t value) noexcept : value_(value) {}            ///< a whole number
    Json(int value) noexcept : value_(std::int64_t{value}) {}       ///< a whole number
    Json(double value) noexcept : value_(value) {}                  ///< a number; must be finite
    Json(std::string value) noexcept : value_(std::move(value)) {}  ///< text in UTF-8
    Json(std::string_view value) : value_(std::string(value)) {}    ///< text in UTF-8
    Json(char const* value) : value_(std::string(value)) {}         ///< text in UTF-8
    Json(Array value) noexcept : value_(std::move(value)) {}        ///< an array
    Json(Object value) noexcept : value_(std::move(value)) {}       ///< an object

    Json(Json const& other);                 ///< Copies everything inside.
    Json(Json&& other) noexcept;             ///< Leaves the other one in a valid, unspecified state.
    Json& operator=(Json const& other);      ///< Copies everything inside.
    Json& operator=(Json&& other) noexcept;  ///< Leaves the other one in a valid, unspecified state.
    ~Json();

    /// The value's form.
    Kind kind() const noexcept { return static_cast<Kind>(value_.index()); }
    /// True for null.
    bool is_null() const noexcept { return kind() == Kind::null; }

    /// The boolean, or nullptr when the value is something else.
    bool const* if_boolean() const noexcept { return std::get_if<bool>(&value_); }
    /// The whole number, or nullptr when the value is something else.
    std::int64_t const* if_integer() const noexcept { return std::get_if<std::int64_t>(&value_); }
    /// The number that is not whole or does not fit in 64 bits, or nullptr when the value is something else.
    double const* if_number() const noexcept { return std::get_if<double>(&value_); }
    /// The text, or nullptr when the value is something else.
    std::string const* if_string() const noexcept { return std::get_if<std::string>(&value_); }
    /// The elements, or nullptr when the value is something else.
    Array const* if_array() const noexcept { return std::get_if<Array>(&value_); }
    /// The elements, or nullptr when the value is something else.
    Array* if_array() noexcept { return std::get_if<Array>(&value_); }
    /// The members, or nullptr when the value is something else.
    Object const* if_object() const noexcept { return std::get_if<Object>(&value_); }
    /// The members, or nullptr when the value is something else.
    Object* if_object() noexcept { return std::get_if<Object>(&value_); }

    /// The member with this name, or nullptr when there is none or the value is no object.
    Json const* find(std::string_view name) const noexcept;
    /// Sets or appends a member. A value that is no object becomes an empty one first. Returns this object.
    Json& set(std::string_view name, Json value);
    /// Appends an element. A value that is no array becomes an empty one first. Returns this array.
    Json& append(Json value);

    /// Compact text, members in order. Doubles print in the shortest form that reads back as the same number; a whole
    /// one has no point and may read back as `integer`. Invalid UTF-8 prints as U+FFFD, a number that is not finite as
    /// null.
    std::string dump() const;
    /// Text with line breaks and an indent of two spaces, for files that people read.
    std::string dump_pretty() const;

    /// Reads one JSON text of at most `max_depth` levels of nesting, and never more than 512. Refused are invalid
    /// UTF-8, duplicate member names, U+0000, numbers too large for a double, and anything after the value. Errors:
    /// invalid_argument with reason `json_malformed`, one violation with the JSON pointer or byte offset.
    static Result<Json> parse(std::string_view text, std::size_t max_depth);
    /// Reads one JSON text of at most 32 levels.
    static Result<Json> parse(std::string_view text);

    bool operator==(Json const&) const = default;

 private:
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_{nullptr};
};

}  // namespace nexpo::inline v1
