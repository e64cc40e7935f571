// SPDX-License-Identifier: Apache-2.0
// Compressed bodies: what is decompressed has a limit, and what we compress comes back.
#include "base/gzip.hpp"

#include "fuzz/fuzz.hpp"

namespace nexpo::fuzz {
namespace {

void foreign(std::string_view data) {
    auto const whole = base::gunzip(data, 1'000'000);
    for (std::size_t const most : {std::size_t{0}, std::size_t{100}, std::size_t{5000}}) {
        auto const part = base::gunzip(data, most);
        require(!part || part->size() <= most, "the limit holds");
        if (whole) {
            require(part.has_value() == (whole->size() <= most), "only the limit refuses sound data");
            require(part ? *part == *whole : part.error().reason == "body_too_large", "and says so");
        }
    }
    if (!whole) {
        require(whole.error().reason == "encoding_malformed" || whole.error().reason == "body_too_large",
                "refusals are of two kinds", whole.error().reason);
    }
}

void own(std::string_view text) {
    auto const data = base::gzip(text);
    require(data.has_value() == !text.empty(), "any text can be compressed");
    if (!data) return;
    auto const back = base::gunzip(*data, text.size());
    require(back && *back == text, "what is compressed comes back");
    auto const twice = base::gunzip(*data + *data, 2 * text.size());
    require(twice && *twice == std::string(text) + std::string(text), "members follow each other");
    auto const cut = Choices(text).below(data->size());
    require(!base::gunzip(data->substr(0, cut), text.size()), "nothing may be missing");
    require(!base::gunzip(*data + 'x', text.size()), "nothing else may follow");
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(gzip) {
    using namespace nexpo::fuzz;
    foreign(input);
    own(input);
}
