// SPDX-License-Identifier: Apache-2.0
// refused: optionals do not nest
#include "nexpo/describe.hpp"

#ifdef NEXPO_REFUSED
using Member = nexpo::Patch<std::optional<int>>;
#else
using Member = nexpo::Patch<int>;
#endif

nexpo::ValueType const& type_of_member() {
    return nexpo::value_type<Member>();
}
