// SPDX-License-Identifier: Apache-2.0
// JSON into described structs and back.
#include "describe/codec.hpp"
#include "fuzz/fuzz.hpp"
#include "nexpo/nexpo.hpp"
#include "unit/describe/sample.hpp"

namespace nexpo::fuzz {
namespace {

using describe_sample::Colour;
using describe_sample::Contact;
using describe_sample::Everything;
using describe_sample::Point;

/// Every rule, and every kind of member where a rule can apply.
struct Ruled {
    std::string email{};
    std::string slug{};
    std::string id{};
    std::int64_t whole = 3;
    double number = 0;
    Decimal decimal{};
    std::vector<std::string> list{};
    std::map<std::string, Decimal> map{};
    Money money{};
    std::optional<Money> maybe_money{};
    Contact contact{};
    std::optional<Colour> maybe_colour{};
    Patch<std::string> patch{};
    Patch<std::vector<Timestamp>> times{};
    std::int64_t version = 1;
};

StructType describe(Type<Ruled>) {
    using R = Ruled;
    return structure<R>("Ruled", field("email", &R::email).required().format(Format::email),
                        field("slug", &R::slug).format(Format::slug), field("id", &R::id).id("usr"),
                        field("whole", &R::whole).min(1).max(200), field("number", &R::number).min(-1).max(1),
                        field("decimal", &R::decimal).max(100), field("list", &R::list).max(3).format(Format::uri),
                        field("map", &R::map).min(0).max(2), field("money", &R::money),
                        field("maybe_money", &R::maybe_money),
                        field("contact", &R::contact).tags({"email", "te/xt~", "numbers"}),
                        field("maybe_colour", &R::maybe_colour), field("patch", &R::patch).required().max(5),
                        field("times", &R::times), field("version", &R::version).read_only());
}

/// The tokens of a JSON pointer (RFC 6901); nothing when it is malformed.
std::optional<std::vector<std::string>> tokens(std::string_view pointer) {
    std::vector<std::string> tokens;
    if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            tokens.emplace_back();
        } else if (pointer[i] != '~') {
            tokens.back() += pointer[i];
        } else if (++i < pointer.size() && (pointer[i] == '0' || pointer[i] == '1')) {
            tokens.back() += pointer[i] == '0' ? '~' : '/';
        } else {
            return std::nullopt;
        }
    }
    return tokens;
}

Json const* step(Json const& json, std::string const& token) {
    if (json.if_object() != nullptr) return json.find(token);
    auto const* elements = json.if_array();
    if (elements == nullptr || token.empty() || token.find_first_not_of("0123456789") != token.npos) return nullptr;
    if (token.size() > 9 || (token.size() > 1 && token.front() == '0')) return nullptr;
    auto const index = std::stoul(token);
    return index < elements->size() ? &(*elements)[index] : nullptr;
}

/// Whether the pointer leads to a value, or beside the members of one.
bool leads_somewhere(Json const& json, std::vector<std::string> const& tokens) {
    auto const* at = &json;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto const* next = step(*at, tokens[i]);
        if (next == nullptr) return i + 1 == tokens.size() && at->if_object() != nullptr;
        at = next;
    }
    return true;
}

template <class T>
void round_trip(std::string_view input, Json const& json) {
    T value{};
    auto const& type = struct_type<T>();
    auto const read = from_json(type, &value, input);
    if (!read) {
        auto const& error = read.error();
        require(error.code == Errc::invalid_argument && error.reason == "validation_failed",
                "refusals are of one kind");
        require(!error.violations.empty() && error.violations.size() <= describe::kMaxViolations,
                "violations are named, up to a limit");
        auto const kept = Json::parse(to_json(type, &value), 512);
        require(kept.has_value(), "a struct that was not filled can be written");
        for (auto const& [pointer, rule, message] : error.violations) {
            auto const path = tokens(pointer);
            require(path.has_value(), "a violation's field is a JSON pointer", pointer);
            require(leads_somewhere(json, *path) || leads_somewhere(*kept, *path),
                    "a violation points into the input or the struct", pointer);
            require(!rule.empty() && !message.empty(), "a violation says what is wrong");
        }
        return;
    }
    require(validate(value).has_value(), "what was read keeps the rules");
    auto const text = to_json(value);
    T again{};
    std::vector<Violation> violations;
    describe::read_json(type, &again, Json::parse(text, 512).value(), describe::Source::store, violations);
    require(violations.empty(), "what was written can be read", text);
    require(to_json(again) == text, "writing what was read changes nothing", text);
    require(validate(again).has_value(), "what was read again keeps the rules", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(json_codec) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const json = Json::parse(input);
    if (!json) return;
    round_trip<Everything>(input, *json);
    round_trip<Ruled>(input, *json);
}
