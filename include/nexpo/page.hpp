// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief One page of a list.

#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::inline v1 {

inline constexpr int kDefaultPageLimit = 50;  ///< Items in a page when the caller names no limit.
inline constexpr int kMaxPageLimit = 200;     ///< Most items in a page.

/// Some records and the way to the rest.
template <class T>
struct Page {
    std::vector<T> items{};             ///< The records, in the list's order.
    std::optional<std::string> next{};  ///< Pass it as `cursor` for the following page; absent on the last one.
};

/// Describes the page of a described struct as `<Struct>Page`.
template <class T>
StructType describe(Type<Page<T>>) {
    return structure<Page<T>>(struct_type<T>().name() + "Page",
                              field("items", &Page<T>::items).doc("The records, in the list's order."),
                              field("next", &Page<T>::next).doc("Pass it as cursor for the following page."));
}

/// An output that says nothing.
struct Empty {};

/// Describes the empty output.
NEXPO_API StructType describe(Type<Empty>);

}  // namespace nexpo::inline v1
