// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grpc/codec/message_codec.hpp"
#include "grpc/codec/message_types.hpp"
#include "nexpo/describe.hpp"

namespace nexpo::codec_sample {

enum class Colour { red, green, dark_blue };

constexpr std::array<std::string_view, 3> enum_names(Colour) {
    return {"red", "green", "dark_blue"};
}

struct Point {
    int x = 0;
    int y = 0;
};

inline StructType describe(Type<Point>) {
    return structure<Point>("Point", field("x", &Point::x).max(1'000'000), field("y", &Point::y));
}

using Contact = std::variant<std::string, Point, std::int64_t>;

/// codec_sample.proto has the same as a message.
struct Sample {
    bool flag = false;
    std::int8_t tiny = 0;
    std::int64_t whole = 0;
    double number = 0;
    Decimal decimal{};
    std::string text{};
    Bytes bytes{};
    Timestamp time{};
    Json json{};
    Colour colour = Colour::red;
    Point point{};
    std::optional<std::string> maybe{};
    std::optional<Point> maybe_point{};
    std::vector<Point> points{};
    std::vector<std::int64_t> numbers{};
    std::vector<Colour> colours{};
    std::map<std::string, std::string> words{};
    std::map<std::string, Point> places{};
    Contact contact{};
    std::vector<Contact> contacts{};
    Patch<std::string> patch{};
    Patch<Point> patch_point{};
    Patch<std::vector<std::string>> patch_list{};
    Json settings{};
    std::int64_t limit = 50;
    std::vector<std::string> few{};
    std::optional<Colour> maybe_colour{};
    std::string server_says{};
    std::vector<std::shared_ptr<int>> hidden{};  // what descriptions leave out
};

inline StructType describe(Type<Sample>) {
    using S = Sample;
    std::vector<std::string> const tags{"email", "place", "number"};
    return structure<S>(
        "Sample", field("flag", &S::flag), field("tiny", &S::tiny), field("whole", &S::whole),
        field("number", &S::number), field("decimal", &S::decimal), field("text", &S::text).max(1'000),
        field("bytes", &S::bytes), field("time", &S::time), field("json", &S::json), field("colour", &S::colour),
        field("point", &S::point), field("maybe", &S::maybe), field("maybe_point", &S::maybe_point),
        field("points", &S::points), field("numbers", &S::numbers), field("colours", &S::colours),
        field("words", &S::words), field("places", &S::places), field("contact", &S::contact).tags(tags),
        field("contacts", &S::contacts).tags(tags), field("patch", &S::patch), field("patch_point", &S::patch_point),
        field("patch_list", &S::patch_list), field("settings", &S::settings), field("limit", &S::limit).min(1).max(200),
        field("few", &S::few).max(3), field("maybe_colour", &S::maybe_colour),
        field("server_says", &S::server_says).read_only(), hidden(&S::hidden));
}

/// How both fit together. Made once.
grpc_host::MessageType const& sample_message();

/// What protobuf makes of the bytes, as bytes again; nothing when they are no message for it.
std::optional<std::string> protobufs_view(std::string_view bytes);

}  // namespace nexpo::codec_sample
