// SPDX-License-Identifier: Apache-2.0
// JSON texts: what is written reads back as it was, and a second implementation reads the same.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "nexpo/json.hpp"

namespace nexpo::fuzz {
namespace {

using Peer = nlohmann::ordered_json;

/// Refused by us although it is JSON, see `Json::parse`.
bool is_our_own_rule(std::string_view rule) {
    return rule == "unique" || rule == "null_character" || rule == "range" || rule == "max_depth";
}

std::size_t depth(Json const& value) {
    std::size_t deepest = 0;
    if (auto const* elements = value.if_array()) {
        for (auto const& element : *elements) deepest = std::max(deepest, depth(element));
        return deepest + 1;
    }
    if (auto const* members = value.if_object()) {
        for (auto const& member : *members) deepest = std::max(deepest, depth(member.second));
        return deepest + 1;
    }
    return 0;
}

bool same_number(double left, double right) {
    return left == right && std::signbit(left) == std::signbit(right);
}

bool same(Json const& ours, Peer const& theirs) {
    switch (ours.kind()) {
        case Json::Kind::null:
            return theirs.is_null();
        case Json::Kind::boolean:
            return theirs.is_boolean() && theirs.get<bool>() == *ours.if_boolean();
        case Json::Kind::integer:
            if (theirs.is_number_unsigned()) {
                return *ours.if_integer() >= 0 &&
                       theirs.get<std::uint64_t>() == static_cast<std::uint64_t>(*ours.if_integer());
            }
            return theirs.is_number_integer() && theirs.get<std::int64_t>() == *ours.if_integer();
        case Json::Kind::number:
            return theirs.is_number() && same_number(*ours.if_number(), theirs.get<double>());
        case Json::Kind::string:
            return theirs.is_string() && theirs.get_ref<std::string const&>() == *ours.if_string();
        case Json::Kind::array: {
            auto const& elements = *ours.if_array();
            if (!theirs.is_array() || theirs.size() != elements.size()) return false;
            for (std::size_t i = 0; i < elements.size(); ++i) {
                if (!same(elements[i], theirs[i])) return false;
            }
            return true;
        }
        case Json::Kind::object: {
            auto const& members = *ours.if_object();
            if (!theirs.is_object() || theirs.size() != members.size()) return false;
            auto member = theirs.begin();
            for (auto const& [name, value] : members) {
                if (member.key() != name || !same(value, *member)) return false;
                ++member;
            }
            return true;
        }
    }
    return false;
}

/// The same value, where a whole double may have become an integer.
bool equivalent(Json const& left, Json const& right) {
    if (left.kind() == right.kind()) {
        auto const* elements = left.if_array();
        if (elements != nullptr) {
            return std::equal(elements->begin(), elements->end(), right.if_array()->begin(), right.if_array()->end(),
                              equivalent);
        }
        if (auto const* members = left.if_object()) {
            return std::equal(members->begin(), members->end(), right.if_object()->begin(), right.if_object()->end(),
                              [](auto const& one, auto const& other) {
                                  return one.first == other.first && equivalent(one.second, other.second);
                              });
        }
        if (auto const* number = left.if_number()) return same_number(*number, *right.if_number());
        return left == right;
    }
    auto const* number = left.if_number();
    auto const* whole = right.if_integer();
    return number != nullptr && whole != nullptr && *number == static_cast<double>(*whole);
}

void reads_back(Json const& value, std::string const& text) {
    auto const again = Json::parse(text, 512);
    require(again.has_value(), "what is written can be read", text);
    require(equivalent(value, *again), "what is written reads back as it was", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(json) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const ours = Json::parse(input, 512);
    // The other implementation skips a byte order mark, which RFC 8259 section 8.1 allows, and stops at U+0000.
    auto const theirs = Peer::parse(input, nullptr, false);
    bool const they_accept =
        !theirs.is_discarded() && !input.starts_with("\xEF\xBB\xBF") && input.find('\0') == input.npos;

    if (!ours) {
        auto const& error = ours.error();
        require(error.code == Errc::invalid_argument && error.reason == "json_malformed", "refusals are of one kind");
        require(error.violations.size() == 1, "a refusal names one place");
        auto const& rule = error.violations.front().rule;
        require(is_our_own_rule(rule) || !they_accept, "only our own rules refuse what another reader accepts", rule);
        return;
    }
    require(they_accept, "what is accepted is JSON", input);
    require(same(*ours, theirs), "both readers find the same value", input);

    auto const text = ours->dump();
    reads_back(*ours, text);
    require(Json::parse(text, 512)->dump() == Json::parse(Json::parse(text, 512)->dump(), 512)->dump(),
            "writing settles after one round", text);
    reads_back(*ours, ours->dump_pretty());

    auto const levels = depth(*ours);
    require(levels <= 512, "nesting is limited");
    require(Json::parse(input).has_value() == (levels <= 32), "the default limit is 32 levels");
}
