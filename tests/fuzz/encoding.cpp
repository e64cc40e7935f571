// SPDX-License-Identifier: Apache-2.0
// base64, base64url, hexadecimal, percent encoding, UTF-8 and JSON strings.
#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "gateway/percent.hpp"
#include "nexpo/json.hpp"

namespace nexpo::fuzz {
namespace {

/// Text has one form only: what decodes is what encoding writes.
template <class Encode, class Decode>
void both_ways(std::string_view input, Encode const& encode, Decode const& decode) {
    require(decode(encode(input)) == std::string(input), "what is encoded decodes to itself");
    if (auto const bytes = decode(input)) require(encode(*bytes) == input, "bytes have one encoded form", input);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

void utf8(std::string_view input) {
    auto const replaced = base::replace_invalid_utf8(input);
    bool const valid = base::valid_utf8(input);
    require(base::valid_utf8(replaced), "replacing gives UTF-8", input);
    require(valid == (replaced == input), "only invalid text is changed", input);
    require(base::count_code_points(input) == base::count_code_points(replaced),
            "each invalid part is replaced by one");

    auto const text = Json(std::string(input)).dump();
    auto const read = Json::parse(text);
    bool const has_null = input.find('\0') != std::string_view::npos;
    require(read.has_value() != has_null, "any text without U+0000 is a JSON string", text);
    if (read) require(*read->if_string() == replaced, "a JSON string reads back", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(encoding) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
    both_ways(
        input, [](auto text) { return base::base64url_encode(std::string_view(text)); }, base::base64url_decode);
    both_ways(
        input, [](auto text) { return base::base64_encode(std::string_view(text)); }, base::base64_decode);
    require(base::hex_decode(base::hex_encode(bytes(input))) == std::string(input), "hexadecimal reads back");
    if (auto const decoded = base::hex_decode(input)) {
        require(base::hex_encode(bytes(*decoded)) == lower(input), "hexadecimal has two cases and one value", input);
    }

    std::string encoded;
    gateway::append_percent_encoded(encoded, input);
    for (auto const plus : {gateway::Plus::plus, gateway::Plus::space}) {
        require(gateway::percent_decode(encoded, plus) == std::string(input), "percent encoding reads back");
        auto const decoded = gateway::percent_decode(input, plus);
        if (decoded) require(decoded->size() <= input.size(), "decoding never grows");
    }
    utf8(input);
}
