// SPDX-License-Identifier: Apache-2.0
#include "base/wipe.hpp"

#include <string.h>  // explicit_bzero

namespace nexpo::base {

void wipe(std::string& text) noexcept {
    // Growing to the capacity never allocates. It makes the bytes of longer, earlier contents reachable, which a
    // moved-from string keeps in its small-string buffer.
    text.resize(text.capacity());
    explicit_bzero(text.data(), text.size());
    text.clear();
}

}  // namespace nexpo::base
