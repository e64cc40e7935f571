// SPDX-License-Identifier: Apache-2.0
// refused: describe every member of the struct exactly once
#include "nexpo/describe.hpp"

namespace app {

struct Note {
    std::string title{};
};

nexpo::StructType describe(nexpo::Type<Note>) {
#ifdef NEXPO_REFUSED
    return nexpo::structure<Note>("Note", nexpo::field("title", &Note::title), nexpo::field("name", &Note::title));
#else
    return nexpo::structure<Note>("Note", nexpo::field("title", &Note::title));
#endif
}

}  // namespace app
