// SPDX-License-Identifier: Apache-2.0
// Sealed data opens unchanged where it belongs, and nothing else opens anywhere.
#include <array>
#include <optional>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/sealer.hpp"
#include "fuzz/fuzz.hpp"
#include "nexpo/testing/random.hpp"

namespace nexpo::fuzz {
namespace {

constexpr std::string_view kPlain = "what nobody may read";
constexpr std::string_view kPlace = "table/column/record";

crypto::Sealer sealer_of(std::string const& text) {
    return crypto::Sealer::from_text(Secret(text), std::make_shared<testing::SeededRandom>(7)).value();
}

struct Owner {
    std::array<crypto::Sealer, 2> sealers{sealer_of(std::string(64, 'a')), sealer_of(std::string(64, 'b'))};
    std::string sealed = sealers[0].seal(kPlain, kPlace);
};

Owner const& owner() {
    static Owner const made;
    return made;
}

void opens_only_as_sealed(std::string_view sealed, std::string_view place) {
    bool const genuine = sealed == owner().sealed && place == kPlace;
    auto const opened = owner().sealers[0].open(sealed, place);
    require(opened.has_value() == genuine, "only what was sealed opens, where it was sealed for");
    if (opened) require(opened->reveal() == kPlain, "what was sealed comes out");
    auto const other = owner().sealers[1].open(sealed, place);
    require(!other, "another key opens nothing");
    require(opened || opened.error().code == Errc::data_loss || opened.error().code == Errc::failed_precondition,
            "refusals are of two kinds");
}

/// The 32 bytes that a key's text stands for, read in another way than the library does.
std::optional<std::string> key_of(std::string_view text) {
    if (text.size() == 64) return base::hex_decode(text);
    std::string url(text.ends_with('=') ? text.substr(0, text.size() - 1) : text);
    if (url.find_first_of("+/") != url.npos && url.find_first_of("-_") != url.npos) return std::nullopt;
    for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return base::base64url_decode(url);
}

void key_text(std::string_view text) {
    auto const sealer =
        crypto::Sealer::from_text(Secret(std::string(text)), std::make_shared<testing::SeededRandom>(7));
    auto const bytes = key_of(text);
    require(sealer.has_value() == (bytes && bytes->size() == crypto::Key::kSize), "keys have three forms", text);
    if (!sealer) return;
    auto const sealed = sealer->seal(text, "");
    auto const same = sealer_of(base::base64url_encode(std::string_view(*bytes)));
    require(same.open(sealed, "").value_or(Secret()).reveal() == text, "a key is the same in all its forms", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(sealed) {
    using namespace nexpo::fuzz;
    key_text(input);
    opens_only_as_sealed(damaged(owner().sealed, input), kPlace);
    opens_only_as_sealed(owner().sealed, input);
    auto const place = take_until(input, "\n");
    opens_only_as_sealed(input, place);
    auto const again = owner().sealers[0].seal(input, place);
    require(owner().sealers[0].open(again, place).value().reveal() == input, "anything can be sealed");
}
