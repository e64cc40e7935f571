// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Amounts of money.

#include <cstdint>
#include <string>

#include "nexpo/export.hpp"

namespace nexpo::inline v1 {

template <class T>
struct Type;
class StructType;

/// An amount in the currency's minor unit (cents for EUR, yen for JPY).
struct Money {
    std::int64_t amount = 0;  ///< In minor units; negative for a debt.
    std::string currency{};   ///< ISO 4217 alphabetic code in upper case, for example `EUR`.

    bool operator==(Money const&) const = default;
};

/// How a `Money` looks in JSON, SQL and schemas.
NEXPO_API StructType describe(Type<Money>);

}  // namespace nexpo::inline v1
