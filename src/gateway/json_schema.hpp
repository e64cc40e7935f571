// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "nexpo/describe.hpp"

namespace nexpo::gateway {

/// Which way a struct travels: inputs have rules and refuse unknown fields, outputs always have all their fields.
enum class Direction : std::uint8_t { input, output };

/// The JSON Schema (2020-12) of one member of a struct. Structs inside are references to `#/components/schemas/`.
Json field_schema(StructType const& owner, Field const& field, Direction direction);

/// The same for a parameter in a path or query, which is never null.
Json parameter_schema(StructType const& owner, Field const& field);

/// The JSON Schema of a struct without the fields named in `left_out`.
Json struct_schema(StructType const& type, Direction direction, std::span<std::string const> left_out);

/// A reference to a struct's schema.
Json schema_reference(std::string_view name);

/// The named schemas of a document. A struct that travels both ways gets the form that holds for both, its input form.
class SchemaSet {
 public:
    /// Adds the struct and everything in it.
    void add(StructType const& type, Direction direction);
    /// Adds everything in the struct, but not the struct itself.
    void add_inside(StructType const& type, Direction direction);
    /// Every schema by name, in the order of the names.
    std::map<std::string, Json> schemas() const;

 private:
    struct Entry {
        StructType const* type = nullptr;
        Direction direction = Direction::output;
    };

    void add_value(ValueType const& type, Direction direction);

    std::map<std::string, Entry> entries_;
};

}  // namespace nexpo::gateway
