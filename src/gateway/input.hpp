// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/target.hpp"
#include "nexpo/describe.hpp"
#include "nexpo/result.hpp"

namespace nexpo::gateway {

/// Where the fields of an operation's input stand in a request.
struct InputSource {
    std::span<std::string const> path_names{};   ///< Parameters of the route,
    std::span<std::string const> path_values{};  ///< and their values, one each.
    Query const* query = nullptr;                ///< Null: none.
    bool fields_in_query = false;                ///< False: any query parameter is unknown.
    std::string_view body{};                     ///< JSON; empty: no members.
};

/// A value of this form from text in a path or query: `broken_rule` and `message` say why not, else they are null.
struct TextValue {
    Json json{};
    char const* broken_rule = nullptr;
    char const* message = nullptr;
};
TextValue value_from_text(ValueType const& type, std::string_view text);

/// Puts path, query and body together into a new input struct. Errors: invalid_argument (`json_malformed`, or
/// `validation_failed` with everything that is wrong).
Result<std::shared_ptr<void>> read_input(StructType const& type, InputSource const& source);

}  // namespace nexpo::gateway
