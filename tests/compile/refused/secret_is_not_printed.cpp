// SPDX-License-Identifier: Apache-2.0
// refused: no match for 'operator<<'|invalid operands to binary expression
#include <iostream>

#include "nexpo/secret.hpp"

void print(nexpo::Secret const& secret) {
#ifdef NEXPO_REFUSED
    std::cout << secret;
#else
    std::cout << secret.reveal().size();
#endif
}
