// SPDX-License-Identifier: Apache-2.0
// refused: cannot convert|no viable conversion
#include "nexpo/result.hpp"

nexpo::Result<int> answer();

int ask() {
#ifdef NEXPO_REFUSED
    int value = answer();
#else
    int value = answer().value_or(0);
#endif
    return value;
}
