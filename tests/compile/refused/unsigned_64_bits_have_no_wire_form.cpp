// SPDX-License-Identifier: Apache-2.0
// refused: unsigned 64-bit integers have no wire form
#include "nexpo/describe.hpp"

#ifdef NEXPO_REFUSED
using Member = std::uint64_t;
#else
using Member = std::int64_t;
#endif

nexpo::ValueType const& type_of_member() {
    return nexpo::value_type<Member>();
}
