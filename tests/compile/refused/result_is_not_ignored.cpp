// SPDX-License-Identifier: Apache-2.0
// refused: \[-Werror[=,]-?W?unused-
#include "nexpo/result.hpp"

nexpo::Result<int> answer();

void ask() {
#ifdef NEXPO_REFUSED
    answer();
#else
    if (!answer()) return;
#endif
}
