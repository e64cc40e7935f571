// SPDX-License-Identifier: Apache-2.0
// refused: describe every member of the struct exactly once
#include "nexpo/describe.hpp"

namespace app {

struct Note {
    std::string title{};
    std::optional<std::string> text{};
};

nexpo::StructType describe(nexpo::Type<Note>) {
#ifdef NEXPO_REFUSED
    return nexpo::structure<Note>("Note", nexpo::field("title", &Note::title));
#else
    return nexpo::structure<Note>("Note", nexpo::field("title", &Note::title), nexpo::field("text", &Note::text));
#endif
}

}  // namespace app
