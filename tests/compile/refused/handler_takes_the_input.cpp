// SPDX-License-Identifier: Apache-2.0
// refused: no match for 'operator='|no viable overloaded '='
#include "nexpo/operation.hpp"

namespace app {

struct Question {};
struct Other {};

#ifdef NEXPO_REFUSED
using Taken = Other;
#else
using Taken = Question;
#endif

nexpo::Operation<Question, nexpo::Empty> declare() {
    nexpo::Operation<Question, nexpo::Empty> operation;
    operation.handler = [](nexpo::Call&, Taken const&) -> nexpo::Reply<nexpo::Empty> { return nexpo::Empty{}; };
    return operation;
}

}  // namespace app
