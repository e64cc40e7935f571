// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "codec_sample.pb.h"
#include "unit/grpc/codec_sample.hpp"

namespace nexpo::grpc_host {

namespace {

using codec_sample::Colour;
using codec_sample::Sample;
using codec_sample::sample_message;

Sample full_sample() {
    Sample sample;
    sample.flag = true;
    sample.tiny = -7;
    sample.whole = -9'007'199'254'740'991;
    sample.number = 0.1;
    sample.decimal = Decimal::make(-1250, 2).value();
    sample.text = "Grüße";
    sample.bytes = {0, 255, 10};
    sample.time = parse_timestamp("1969-12-31T23:59:59.999999Z").value();
    sample.json = Json::parse(R"({"a":[1,-2.5,"x",null,true,{}],"b":9007199254740993})").value();
    sample.colour = Colour::dark_blue;
    sample.point = {1, -2};
    sample.maybe = "";
    sample.maybe_point = codec_sample::Point{0, 0};
    sample.points = {{1, 2}, {0, 0}};
    sample.numbers = {0, -1, 300};
    sample.colours = {Colour::green, Colour::red};
    sample.words = {{"", "empty"}, {"k", ""}};
    sample.places = {{"here", {3, 4}}};
    sample.contact = codec_sample::Point{5, 6};
    sample.contacts = {std::string("a@example.com"), std::int64_t{0}};
    sample.patch = std::string("new");
    sample.patch_point = codec_sample::Point{7, 8};
    sample.patch_list = std::vector<std::string>{"one", ""};
    sample.settings = Json::parse(R"({"deep":{"er":[[]]}})").value();
    sample.limit = 7;
    sample.few = {"a", "b"};
    sample.maybe_colour = Colour::red;
    sample.server_says = "hello";
    return sample;
}

std::string encoded(Sample const& sample) {
    std::string out;
    encode(sample_message(), &sample, out);
    return out;
}

TEST(Encode, ProtobufReadsWhatWeWrite) {
    nexpo_codec_sample::Sample read;
    ASSERT_TRUE(read.ParseFromString(encoded(full_sample())));
    EXPECT_TRUE(read.GetReflection()->GetUnknownFields(read).empty());
    EXPECT_EQ(read.tiny(), -7);
    EXPECT_EQ(read.whole(), -9'007'199'254'740'991);
    EXPECT_EQ(read.number(), 0.1);
    EXPECT_EQ(read.decimal(), "-12.50");
    EXPECT_EQ(read.bytes(), std::string("\0\xff\n", 3));
    EXPECT_EQ(read.time().seconds(), -1);
    EXPECT_EQ(read.time().nanos(), 999'999'000);
    EXPECT_EQ(read.json().struct_value().fields().at("a").list_value().values(1).number_value(), -2.5);
    EXPECT_EQ(read.json().struct_value().fields().at("b").string_value(), "9007199254740993");
    EXPECT_EQ(read.colour(), nexpo_codec_sample::COLOUR_DARK_BLUE);
    EXPECT_TRUE(read.has_maybe());
    EXPECT_TRUE(read.has_maybe_point());
    EXPECT_EQ(read.points_size(), 2);
    EXPECT_EQ(read.numbers(2), 300);
    EXPECT_EQ(read.colours(0), nexpo_codec_sample::COLOUR_GREEN);
    EXPECT_EQ(read.words().at(""), "empty");
    EXPECT_EQ(read.places().at("here").y(), 4);
    EXPECT_EQ(read.contact().place().x(), 5);
    EXPECT_EQ(read.contacts(1).contact_case(), nexpo_codec_sample::Contact::kNumber);
    EXPECT_EQ(read.patch_list(1), "");
    EXPECT_EQ(read.settings().fields().at("deep").struct_value().fields_size(), 1);
}

TEST(Encode, WeReadWhatWeWrite) {
    auto const sample = full_sample();
    Sample read;
    ASSERT_TRUE(decode(sample_message(), &read, encoded(sample), Sender::server));
    auto expected = Json::parse(to_json(sample)).value();
    expected.set("json", Json::parse(R"({"a":[1,-2.5,"x",null,true,{}],"b":"9007199254740993"})").value());
    EXPECT_EQ(to_json(read), expected.dump());
}

TEST(Encode, WhatIsNotThereTakesNoBytes) {
    Sample sample;
    sample.limit = 0;
    nexpo_codec_sample::Sample read;
    ASSERT_TRUE(read.ParseFromString(encoded(sample)));
    EXPECT_FALSE(read.has_maybe());
    EXPECT_FALSE(read.has_patch());
    EXPECT_TRUE(read.has_limit());
    EXPECT_FALSE(read.update_mask().paths_size());
    EXPECT_EQ(read.colour(), nexpo_codec_sample::COLOUR_RED);
    EXPECT_LT(encoded(sample).size(), 40U);
}

TEST(Encode, AnAnswerSaysWhatIsZero) {
    Sample sample;
    sample.text = "old";
    sample.numbers = {1};
    ASSERT_TRUE(decode(sample_message(), &sample, "", Sender::server));
    EXPECT_EQ(sample.text, "");
    EXPECT_TRUE(sample.numbers.empty());
}

}  // namespace

}  // namespace nexpo::grpc_host
