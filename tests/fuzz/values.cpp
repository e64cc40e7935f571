// SPDX-License-Identifier: Apache-2.0
// Decimals, times, ids, addresses and texts of a format.
#include <algorithm>
#include <regex>

#include "describe/format.hpp"
#include "fuzz/fuzz.hpp"
#include "nexpo/nexpo.hpp"
#include "operation/address.hpp"

namespace nexpo::fuzz {
namespace {

bool matches(std::string_view text, std::regex const& form) {
    return std::regex_match(text.begin(), text.end(), form);
}

void decimal(std::string_view text) {
    static std::regex const form(R"(-?(0|[1-9][0-9]*)(\.[0-9]{1,9})?)", std::regex::optimize);
    auto const read = Decimal::parse(text);
    // std::regex recurses once per character.
    if (text.size() <= 64) {
        bool const well_formed = matches(text, form);
        require(read || well_formed == (read.error().code == Errc::out_of_range), "what is refused has the other form");
        require(!read || well_formed, "what is read has the form", text);
    }
    if (!read) return;
    auto const written = read->to_string();
    bool const negative_zero = read->mantissa() == 0 && text.starts_with('-');
    require(written == (negative_zero ? text.substr(1) : text), "a decimal is written as it was read", text);

    for (int scale = 0; scale <= Decimal::kMaxScale; ++scale) {
        auto const scaled = read->rescale(scale);
        if (!scaled) continue;
        require(scaled->scale() == scale && (scale < read->scale() || *scaled == *read), "more digits change nothing");
        auto const difference = scaled->subtract(*read);
        // Half a unit in the last place at most.
        auto const half = Decimal::make(5, std::min(scale + 1, Decimal::kMaxScale)).value();
        bool const near = !difference || scale >= read->scale() ||
                          (*difference <= half && Decimal(0) <= difference->add(half).value_or(half));
        require(near, "rounding goes to the nearest", text);
    }
}

void sums(std::string_view input) {
    auto const left = Decimal::parse(take_until(input, " "));
    auto const right = Decimal::parse(take_until(input, " "));
    if (!left || !right) return;
    auto const sum = left->add(*right);
    auto const other_way = right->add(*left);
    require(sum.has_value() == other_way.has_value() && (!sum || *sum == *other_way),
            "sums do not depend on the order");
    if (sum) {
        auto const back = sum->subtract(*right);
        require(!back || *back == *left, "subtracting undoes adding");
        require((*sum < *left) == (*right < Decimal(0)), "adding keeps the order");
    }
    for (int scale = 0; scale <= Decimal::kMaxScale; ++scale) {
        auto const product = left->multiply(*right, scale);
        auto const other = right->multiply(*left, scale);
        require(product.has_value() == other.has_value() && (!product || *product == *other),
                "products do not depend on the order");
        auto const quotient = left->divide(*right, scale);
        require(quotient || right->mantissa() == 0 || quotient.error().code == Errc::out_of_range,
                "only zero and overflow cannot be divided by");
        if (product && quotient && *right == Decimal(1)) require(*product == *quotient, "one changes nothing");
    }
}

void time(std::string_view text) {
    auto const read = parse_timestamp(text);
    if (!read) return;
    require(*read >= min_timestamp() && *read <= max_timestamp(), "times lie in the years 1 to 9999", text);
    auto const written = to_string(*read);
    auto const again = parse_timestamp(written);
    require(again && *again == *read, "a time reads back", written);
    require(written.size() >= 20 && written.size() <= 27 && written.ends_with('Z'), "times are written in UTC",
            written);
    if (text.ends_with('Z') && text.find(":60") == text.npos) {
        require(text.substr(0, 10) == written.substr(0, 10), "a time in UTC keeps its day", text);
    }
}

void id(std::string_view text) {
    static std::regex const form("[a-z]([a-z_]{0,61}[a-z])?_[0-7][0-9a-hjkmnp-tv-z]{25}", std::regex::optimize);
    auto const separator = text.rfind('_');
    if (separator == text.npos || text.size() > 128) return;
    require(is_id(text, text.substr(0, separator)) == matches(text, form), "ids have one form", text);
    require(!is_id(text, "usr") || text.starts_with("usr_"), "an id has its prefix", text);
}

void formats(std::string_view text) {
    using describe::broken_format;
    bool const plain = text.find_first_of(" \t\r\n\\\"<>") == text.npos && text.find('\0') == text.npos;
    for (auto const format : {Format::email, Format::uri, Format::slug, Format::phone, Format::currency}) {
        if (broken_format(format, text) != nullptr) continue;
        require(!text.empty() && text.size() <= 2100 && plain, "formats admit no odd characters", text);
        if (format == Format::email) require(text.find('@') == text.rfind('@'), "an address has one @", text);
        // What would move a host elsewhere for another reader.
        if (format == Format::uri) require(text.find("://") != text.npos, "a URI has an authority", text);
    }
    static std::regex const phone(R"(\+[1-9][0-9]{6,14})", std::regex::optimize);
    static std::regex const slug("[a-z]([a-z0-9-]{0,61}[a-z0-9])?", std::regex::optimize);
    if (text.size() > 64) return;
    require((broken_format(Format::phone, text) == nullptr) == matches(text, phone), "phone numbers are E.164", text);
    require((broken_format(Format::slug, text) == nullptr) == matches(text, slug), "slugs have one form", text);
}

void address(std::string_view text) {
    auto const key = operation::limit_key(text);
    require(key.size() <= text.size() + 19, "keys stay short");
    if (key.ends_with("/64") && text.find('/') == text.npos) {
        require(key.size() == 19, "a network's key has one length", key);
        require(operation::limit_key(std::string(text) + "%eth0") == key, "zones do not count", text);
    }
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(values) {
    using namespace nexpo::fuzz;
    decimal(input);
    sums(input);
    time(input);
    id(input);
    formats(input);
    address(input);
}
