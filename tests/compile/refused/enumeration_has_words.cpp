// SPDX-License-Identifier: Apache-2.0
// refused: give the enumeration an enum_names function
#include "nexpo/describe.hpp"

namespace app {

enum class Colour { red, blue };

#ifndef NEXPO_REFUSED
constexpr std::array<std::string_view, 2> enum_names(Colour) {
    return {"red", "blue"};
}
#endif

}  // namespace app

nexpo::ValueType const& type_of_colour() {
    return nexpo::value_type<app::Colour>();
}
