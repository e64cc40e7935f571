// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/page.hpp"

namespace nexpo::describe_sample {

enum class Colour { red, green, blue };

constexpr std::array<std::string_view, 3> enum_names(Colour) {
    return {"red", "green", "blue"};
}

struct Point {
    int x = 0;
    int y = 0;

    bool operator==(Point const&) const = default;
};

inline StructType describe(Type<Point>) {
    return structure<Point>("Point", field("x", &Point::x).required().min(-100).max(100), field("y", &Point::y));
}

struct ByEmail {
    std::string address{};

    bool operator==(ByEmail const&) const = default;
};

inline StructType describe(Type<ByEmail>) {
    return structure<ByEmail>("ByEmail", field("address", &ByEmail::address).required().format(Format::email));
}

using Contact = std::variant<ByEmail, std::string, std::vector<int>>;

/// One member of every kind.
struct Everything {
    bool boolean = false;
    std::int8_t tiny = 0;
    std::uint32_t unsigned_whole = 0;
    std::int64_t whole = 0;
    double number = 0;
    Decimal decimal{};
    std::string text{};
    Secret secret{};
    Bytes bytes{};
    Timestamp time{};
    Json json{};
    Colour colour = Colour::red;
    Point point{};
    std::optional<std::string> maybe{};
    std::optional<Point> maybe_point{};
    std::vector<Point> points{};
    std::vector<std::optional<int>> gaps{};
    std::map<std::string, std::vector<std::string>> words{};
    Contact contact{};
    std::vector<Contact> contacts{};
    Patch<std::string> patch{};
    Patch<Point> patch_point{};

    bool operator==(Everything const&) const = default;
};

inline StructType describe(Type<Everything>) {
    using E = Everything;
    std::vector<std::string> const tags{"email", "te/xt~", "numbers"};
    return structure<E>(
        "Everything", field("boolean", &E::boolean), field("tiny", &E::tiny),
        field("unsigned_whole", &E::unsigned_whole), field("whole", &E::whole), field("number", &E::number),
        field("decimal", &E::decimal), field("text", &E::text), field("secret", &E::secret), field("bytes", &E::bytes),
        field("time", &E::time), field("json", &E::json), field("colour", &E::colour), field("point", &E::point),
        field("maybe", &E::maybe), field("maybe_point", &E::maybe_point), field("points", &E::points),
        field("gaps", &E::gaps), field("words", &E::words), field("contact", &E::contact).tags(tags),
        field("contacts", &E::contacts).tags(tags), field("patch", &E::patch), field("patch_point", &E::patch_point));
}

/// `pointer rule` of every violation, in order.
inline std::vector<std::string> violations(Error const& error) {
    std::vector<std::string> lines;
    for (auto const& violation : error.violations) lines.push_back(violation.field + ' ' + violation.rule);
    return lines;
}

template <class T>
std::vector<std::string> violations(Result<T> const& result) {
    return result ? std::vector<std::string>{} : violations(result.error());
}

/// What is wrong with the JSON text, as `pointer rule`.
template <class T>
std::vector<std::string> faults(std::string_view text) {
    return violations(from_json<T>(text));
}

}  // namespace nexpo::describe_sample
