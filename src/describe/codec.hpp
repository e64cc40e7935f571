// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::describe {

/// The largest whole number that every JSON reader represents exactly (RFC 8259 section 6), 2^53 - 1.
inline constexpr std::int64_t kMaxSafeInteger = 9'007'199'254'740'991;

/// What is found beyond this is not reported: a hostile input must not make an answer many times its own size.
inline constexpr std::size_t kMaxViolations = 1'000;

/// Where a JSON document comes from.
enum class Source {
    caller,  ///< Outside: read-only fields and integers beyond `kMaxSafeInteger` are refused.
    store,   ///< Our own earlier output: whatever `write_json` wrote is read back exactly.
};

/// Appends the struct as JSON.
void write_json(std::string& out, StructType const& type, void const* value);

/// Fills the struct and collects what is wrong with it, by JSON pointer; rules are not checked.
void read_json(StructType const& type, void* value, Json const& json, Source source,
               std::vector<Violation>& violations);

/// Fills the struct from our own earlier output. Errors: data_loss.
Result<void> read_stored(StructType const& type, void* value, std::string_view text);

/// Collects the broken rules of the struct and everything in it.
void check_rules(StructType const& type, void const* value, std::vector<Violation>& violations);

/// `invalid_argument` with reason `validation_failed`.
Error validation_error(std::vector<Violation> violations);

/// Whether both describe the same struct: its name, and every field's name, kind and place. Two shared objects may each
/// have a description of their own. A type that was made at run time is only the same as itself.
bool same_struct(StructType const& left, StructType const& right);

/// Parts of a value, by byte offset.
inline void const* at(void const* base, Field const& field) {
    return static_cast<char const*>(base) + field.offset();
}
inline void* at(void* base, Field const& field) {
    return static_cast<char*>(base) + field.offset();
}

}  // namespace nexpo::describe
