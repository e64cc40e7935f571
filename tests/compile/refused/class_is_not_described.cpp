// SPDX-License-Identifier: Apache-2.0
// refused: only plain aggregates can be described
#include "nexpo/describe.hpp"

namespace app {

struct Note {
#ifdef NEXPO_REFUSED
    virtual ~Note() = default;
#endif
    std::string title{};
};

nexpo::StructType describe(nexpo::Type<Note>) {
    return nexpo::structure<Note>("Note", nexpo::field("title", &Note::title));
}

}  // namespace app
