// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec_sample.pb.h"
#include "unit/grpc/codec_sample.hpp"

namespace nexpo::grpc_host {

namespace {

using codec_sample::Colour;
using codec_sample::Sample;
using codec_sample::sample_message;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Proto = nexpo_codec_sample::Sample;

Result<Sample> read(std::string const& bytes) {
    Sample sample;
    if (auto done = decode(sample_message(), &sample, bytes, Sender::client); !done) return std::move(done).error();
    if (auto done = validate(sample); !done) return std::move(done).error();  // as the pipeline does
    return sample;
}

Result<Sample> read(Proto const& proto) {
    return read(proto.SerializeAsString());
}

/// `pointer rule` of every violation, or the reason of another error.
std::vector<std::string> faults(std::string const& bytes) {
    auto const done = read(bytes);
    std::vector<std::string> lines;
    if (done) return lines;
    for (auto const& violation : done.error().violations) lines.push_back(violation.field + ' ' + violation.rule);
    if (lines.empty()) lines.push_back(done.error().reason);
    return lines;
}

std::string field(std::uint32_t number, std::string_view content) {
    std::string out;
    WireWriter(out).text_field(number, content);
    return out;
}

std::string number_field(std::uint32_t number, std::uint64_t value) {
    std::string out;
    WireWriter writer(out);
    writer.tag(number, WireType::varint);
    writer.varint(value);
    return out;
}

TEST(Decode, ReadsWhatProtobufWrites) {
    Proto proto;
    proto.set_flag(true);
    proto.set_tiny(-128);
    proto.set_whole(-5);
    proto.set_decimal("1.50");
    proto.mutable_time()->set_seconds(1);
    proto.mutable_time()->set_nanos(1'999);
    proto.mutable_json()->set_number_value(3);
    proto.set_colour(nexpo_codec_sample::COLOUR_GREEN);
    proto.mutable_point()->set_x(-1);
    proto.add_numbers(1);
    proto.add_numbers(-1);
    (*proto.mutable_words())["a"] = "b";
    (*proto.mutable_places())["c"].set_y(2);
    proto.mutable_contact()->set_number(0);
    proto.add_contacts()->set_email("x");
    proto.set_patch("");
    proto.set_maybe_colour(nexpo_codec_sample::COLOUR_DARK_BLUE);
    auto const done = read(proto);
    ASSERT_TRUE(done) << faults(proto.SerializeAsString()).front();
    EXPECT_TRUE(done->flag);
    EXPECT_EQ(done->tiny, -128);
    EXPECT_EQ(done->whole, -5);
    EXPECT_EQ(done->decimal.to_string(), "1.50");
    EXPECT_EQ(to_string(done->time), "1970-01-01T00:00:01.000001Z");
    EXPECT_EQ(done->json, Json(3));
    EXPECT_EQ(done->colour, Colour::green);
    EXPECT_EQ(done->point.x, -1);
    EXPECT_THAT(done->numbers, ElementsAre(1, -1));
    EXPECT_EQ(done->words.at("a"), "b");
    EXPECT_EQ(done->places.at("c").y, 2);
    EXPECT_EQ(std::get<std::int64_t>(done->contact), 0);
    EXPECT_EQ(std::get<std::string>(done->contacts.at(0)), "x");
    EXPECT_EQ(*done->patch, "");
    EXPECT_EQ(done->maybe_colour, Colour::dark_blue);
    EXPECT_EQ(done->limit, 50) << "what is not given keeps its default";
}

TEST(Decode, TakesPackedNumbersAndOthers) {
    std::string packed;
    WireWriter writer(packed);
    writer.varint(1);
    writer.varint(300);
    EXPECT_THAT(read(field(15, packed) + number_field(15, 7))->numbers, ElementsAre(1, 300, 7));
    EXPECT_THAT(read(number_field(16, 5) + field(16, "\x01\x02"))->colours,
                ElementsAre(Colour::green, Colour::red, Colour::dark_blue));
}

TEST(Decode, AMaskSaysWhatBecomesNull) {
    Proto proto;
    proto.set_patch("x");
    proto.add_patch_list("y");
    EXPECT_EQ(*read(proto)->patch, "x");
    EXPECT_FALSE(read(proto)->patch_point.is_present());
    proto.mutable_update_mask()->add_paths("patch_point");
    proto.mutable_update_mask()->add_paths("patch_list");
    EXPECT_FALSE(read(proto)->patch.is_present()) << "it is not in the mask";
    EXPECT_TRUE(read(proto)->patch_point.is_null());
    EXPECT_THAT(*read(proto)->patch_list, ElementsAre("y"));
    proto.mutable_update_mask()->clear_paths();
    proto.mutable_update_mask()->add_paths("*");
    proto.clear_patch_list();
    EXPECT_EQ(*read(proto)->patch, "x");
    EXPECT_TRUE(read(proto)->patch_point.is_null());
    EXPECT_TRUE(read(proto)->patch_list.is_null());
    proto.mutable_update_mask()->add_paths("limit");
    EXPECT_THAT(faults(proto.SerializeAsString()), ElementsAre("/update_mask unknown"));
}

TEST(Decode, UnspecifiedIsNotGiven) {
    EXPECT_EQ(read(number_field(10, 0))->colour, Colour::red);
    EXPECT_FALSE(read(number_field(27, 0))->maybe_colour);
    EXPECT_THAT(faults(number_field(16, 0)), ElementsAre("/colours/0 enum"));
}

TEST(Decode, NamesWhatIsWrong) {
    struct Case {
        std::string bytes;
        std::string fault;
    };
    std::string const beyond = field(8, number_field(1, std::uint64_t{1} << 40));
    for (auto const& [bytes, fault] : {
             Case{number_field(6, 1), "/text type"},
             Case{field(3, "x"), "/whole type"},
             Case{number_field(2, 200), "/tiny range"},
             Case{number_field(3, std::uint64_t{1} << 60), "/whole range"},
             Case{number_field(10, 3), "/colour enum"},
             Case{number_field(10, std::uint64_t{1} << 31), "/colour enum"},
             Case{field(5, "1e3"), "/decimal decimal"},
             Case{beyond, "/time timestamp"},
             Case{field(8, number_field(2, 1'000'000'000)), "/time timestamp"},
             Case{field(6, "\xff"), "/text utf8"},
             Case{field(9, field(3, "\xff")), "/json utf8"},
             Case{field(17, field(1, "\xff") + field(2, "x")), "/words utf8"},
             Case{field(14, field(1, "")), "/points/0/x type"},
             Case{field(14, number_field(1, 2'000'000)), "/points/0/x max"},
             Case{field(18, field(1, "a/b") + field(2, number_field(1, 2'000'000))), "/places/a~1b/x max"},
             Case{field(18, field(1, "k")) + field(18, field(1, "k")), "/places/k duplicate"},
             Case{field(19, ""), "/contact variant"},
             Case{field(19, field(1, "x") + number_field(3, 1)), "/contact variant"},
             Case{field(20, number_field(1, 1)), "/contacts/0/email type"},
             Case{field(6, "a") + field(6, "b"), "/text duplicate"},
             Case{field(28, "x"), "/server_says read_only"},
             Case{number_field(77, 1), "/77 unknown"},
             Case{field(11, number_field(9, 1)), "/point/9 unknown"},
             Case{field(26, "a") + field(26, "b") + field(26, "c") + field(26, "d"), "/few max"},
             Case{number_field(25, 0), "/limit min"},
             Case{std::string("\x21\0\0\0\0\0\0\xf0\x7f", 9), "/number finite"},
         }) {
        auto const found = faults(bytes);
        ASSERT_FALSE(found.empty()) << fault;
        EXPECT_EQ(found.front(), fault);
    }
}

TEST(Decode, NamesEverythingThatIsWrongAtOnce) {
    EXPECT_THAT(faults(number_field(6, 1) + field(5, "x") + number_field(25, 999) + number_field(88, 1)),
                ElementsAre("/text type", "/decimal decimal", "/88 unknown", "/limit max"));
}

TEST(Decode, AnswersMayHaveMoreThanWeKnow) {
    Sample sample;
    EXPECT_TRUE(decode(sample_message(), &sample, number_field(77, 1) + field(28, "x"), Sender::server));
    EXPECT_EQ(sample.server_says, "x");
}

TEST(Decode, RefusesWhatIsNoMessage) {
    for (std::string const& bytes :
         {std::string("\xff"), std::string("\x0a"),
          std::string("\x32\x05"
                      "ab"),
          std::string(1, '\0'), field(11, "\x08"), field(15, "\x80"), field(9, "\x0a"),
          field(24, field(1, field(1, "k") + "\x12\x05")), field(100, "\x08\x01"), field(8, "\x08")}) {
        EXPECT_THAT(faults(bytes), ElementsAre("protobuf_malformed"));
    }
}

TEST(Decode, RefusesJsonThatNestsTooDeep) {
    auto const nested = [](int levels) {
        std::string value = number_field(4, 1);
        for (int i = 1; i < levels; ++i) value = field(6, field(1, value));
        return field(9, value);
    };
    EXPECT_THAT(faults(nested(kMostLevels)), IsEmpty());
    EXPECT_THAT(faults(nested(kMostLevels + 1)), ElementsAre("protobuf_malformed"));
    EXPECT_THAT(faults(nested(5'000)), ElementsAre("protobuf_malformed"));
}

TEST(Decode, JsonHasNoMemberTwice) {
    auto const member = field(1, field(1, "k") + field(2, number_field(4, 1)));
    EXPECT_THAT(faults(field(24, member)), IsEmpty());
    EXPECT_THAT(faults(field(24, member + member)), ElementsAre("protobuf_malformed"));
}

TEST(Decode, WhatIsTooMuchTakesNoMemory) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += field(26, "");
    Sample sample;
    EXPECT_FALSE(decode(sample_message(), &sample, bytes, Sender::client).has_value() && validate(sample).has_value());
    EXPECT_EQ(sample.few.size(), 4U);
}

}  // namespace

}  // namespace nexpo::grpc_host
