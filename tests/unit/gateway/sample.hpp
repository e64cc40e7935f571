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

#include "nexpo/operation.hpp"
#include "nexpo/page.hpp"

namespace sample {

enum class Colour : std::uint8_t { red, green };

constexpr std::array<std::string_view, 2> enum_names(Colour) {
    return {"red", "green"};
}

struct Note {
    std::string id{};
    std::string title{};
    std::int64_t version = 1;
};

inline nexpo::StructType describe(nexpo::Type<Note>) {
    using nexpo::field;
    return nexpo::structure<Note>("Note", field("id", &Note::id).id("note"), field("title", &Note::title),
                                  field("version", &Note::version));
}

/// Every form that a query can carry.
struct Search {
    std::string id{};
    std::string text{};
    std::int64_t limit = 50;
    std::int32_t small = 0;
    bool exact = false;
    double ratio = 0.5;
    nexpo::Decimal price{};
    nexpo::Timestamp since{};
    Colour colour = Colour::green;
    std::vector<std::string> tags{};
    std::vector<std::int64_t> numbers{};
    std::optional<std::string> cursor{};
    nexpo::Json filter{};
};

inline nexpo::StructType describe(nexpo::Type<Search>) {
    using nexpo::field;
    return nexpo::structure<Search>("Search", field("id", &Search::id).required(), field("text", &Search::text).max(5),
                                    field("limit", &Search::limit).min(1).max(200), field("small", &Search::small),
                                    field("exact", &Search::exact), field("ratio", &Search::ratio),
                                    field("price", &Search::price), field("since", &Search::since),
                                    field("colour", &Search::colour).doc("Which one."),
                                    field("tags", &Search::tags).max(3), field("numbers", &Search::numbers),
                                    field("cursor", &Search::cursor).deprecated(), field("filter", &Search::filter));
}

struct Mail {
    std::string address{};
};

inline nexpo::StructType describe(nexpo::Type<Mail>) {
    return nexpo::structure<Mail>("Mail",
                                  nexpo::field("address", &Mail::address).required().format(nexpo::Format::email));
}

/// Every form that a body can carry.
struct Change {
    std::string id{};
    nexpo::Patch<std::string> title{};
    nexpo::Patch<Colour> colour{};
    std::optional<std::string> slug{};
    nexpo::Secret password{};
    nexpo::Bytes picture{};
    std::map<std::string, std::int64_t> counts{};
    std::variant<Mail, std::string> target{};
    std::optional<Mail> copy{};
    std::string made_by{};
};

inline nexpo::StructType describe(nexpo::Type<Change>) {
    using nexpo::field;
    return nexpo::structure<Change>(
        "Change", field("id", &Change::id).required(), field("title", &Change::title).max(20),
        field("colour", &Change::colour).required(), field("slug", &Change::slug).format(nexpo::Format::slug),
        field("password", &Change::password).required().min(8), field("picture", &Change::picture),
        field("counts", &Change::counts).max(2), field("target", &Change::target).tags({"mail", "phone"}),
        field("copy", &Change::copy), field("made_by", &Change::made_by).read_only());
}

struct GetNote {
    std::string id{};
};

inline nexpo::StructType describe(nexpo::Type<GetNote>) {
    return nexpo::structure<GetNote>("GetNote", nexpo::field("id", &GetNote::id).required());
}

/// An operation that is never called.
template <class In, class Out>
nexpo::AnyOperation operation(nexpo::OperationInfo info) {
    return {.info = std::move(info), .input = &nexpo::struct_type<In>(), .output = &nexpo::struct_type<Out>()};
}

}  // namespace sample
