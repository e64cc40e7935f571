// SPDX-License-Identifier: Apache-2.0
#include "settings/suggestion.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nexpo::hosts {

TEST(Suggestion, FindsWhatWasMeant) {
    std::vector<std::string> const known = {"database", "http.port", "http.address", "auth.open_registration"};
    struct {
        char const* word;
        char const* meant;
    } const cases[] = {
        {"databse", "database"},
        {"dtaabase", "database"},
        {"DATABASE", "database"},
        {"port", "http.port"},
        {"htp.port", "http.port"},
        {"http.prot", "http.port"},
        {"http-address", "http.address"},
        {"open-registration", "auth.open_registration"},
        {"auth.openregistration", "auth.open_registration"},
        {"colour", ""},
        {"x", ""},
        {"", ""},
    };
    for (auto const& [word, meant] : cases) EXPECT_EQ(suggest(word, known), meant) << word;
}

TEST(Suggestion, EndsSoonForEndlessWords) {
    std::vector<std::string> const known = {"database"};
    EXPECT_EQ(suggest(std::string(10'000'000, 'x'), known), "");
}

}  // namespace nexpo::hosts
