// SPDX-License-Identifier: Apache-2.0
// refused: use of deleted function|call to deleted constructor
#include "nexpo/operation.hpp"

void keep(nexpo::Call& call) {
#ifdef NEXPO_REFUSED
    nexpo::Call kept = call;
#else
    nexpo::Call& kept = call;
#endif
    (void)kept;
}
