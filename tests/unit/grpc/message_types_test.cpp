// SPDX-License-Identifier: Apache-2.0
#include "grpc/codec/message_types.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "codec_sample.pb.h"
#include "unit/grpc/codec_sample.hpp"

namespace nexpo::grpc_host {

namespace {

namespace pb = google::protobuf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Use = MessageTypes::Use;
using Field = pb::FieldDescriptorProto;

void rename_type(Field& field) {
    constexpr std::string_view kPackage = "nexpo_codec_sample";
    if (!field.has_type_name()) return;
    auto& type = *field.mutable_type_name();
    if (auto const at = type.find(kPackage); at != type.npos) type.replace(at, kPackage.size(), "changed");
}

/// What is said of the sample's file when it has been changed.
std::vector<std::string> problems(void (*change)(pb::FileDescriptorProto&), Use use = Use::input) {
    pb::FileDescriptorProto file;
    nexpo_codec_sample::Sample::descriptor()->file()->CopyTo(&file);
    change(file);
    pb::DescriptorPool pool(pb::DescriptorPool::generated_pool());
    file.set_name("changed.proto");
    file.set_package("changed");
    for (auto& message : *file.mutable_message_type()) {
        for (auto& field : *message.mutable_field()) rename_type(field);
        for (auto& inner : *message.mutable_nested_type()) {
            for (auto& field : *inner.mutable_field()) rename_type(field);
        }
    }
    auto const* built = pool.BuildFile(file);
    if (built == nullptr) return {"the test's own file is broken"};
    MessageTypes types;
    types.pair(*built->FindMessageTypeByName("Sample"), struct_type<codec_sample::Sample>(), use);
    return types.problems();
}

Field& field_of(pb::FileDescriptorProto& file, std::string const& name) {
    for (int i = file.message_type_size(); i-- > 0;) {  // the sample itself stands last
        for (auto& field : *file.mutable_message_type(i)->mutable_field()) {
            if (field.name() == name) return field;
        }
    }
    throw std::logic_error(name);
}

/// Takes `optional` away.
void make_plain(pb::FileDescriptorProto& file, std::string const& name) {
    auto& field = field_of(file, name);
    field.clear_proto3_optional();
    auto* sample = file.mutable_message_type(file.message_type_size() - 1);
    auto const index = field.oneof_index();
    field.clear_oneof_index();
    sample->mutable_oneof_decl()->DeleteSubrange(index, 1);
    for (auto& other : *sample->mutable_field()) {
        if (other.has_oneof_index() && other.oneof_index() > index) other.set_oneof_index(other.oneof_index() - 1);
    }
}

TEST(MessageTypes, FindNothingWrongWithWhatFits) {
    EXPECT_THAT(problems([](pb::FileDescriptorProto&) {}), IsEmpty());
}

TEST(MessageTypes, NameWhatIsMissingOrTooMuch) {
    EXPECT_THAT(problems([](auto& file) { field_of(file, "text").set_name("words_of_it"); }),
                ElementsAre("changed.Sample has no field text", "changed.Sample.words_of_it is no field of Sample"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "update_mask").set_name("mask"); }),
                ElementsAre("changed.Sample.mask is no field of Sample", "changed.Sample has no update_mask"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "email").set_name("mail"); }),
                ElementsAre("changed.Contact has no field email"));
}

TEST(MessageTypes, NameFieldsOfAnotherType) {
    EXPECT_THAT(problems([](auto& file) { field_of(file, "text").set_type(Field::TYPE_BYTES); }),
                ElementsAre("changed.Sample.text is no string"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "whole").set_type(Field::TYPE_SINT64); }),
                ElementsAre("changed.Sample.whole is no int32 or int64"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "number").set_type(Field::TYPE_FLOAT); }),
                ElementsAre("changed.Sample.number is no double"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "time").set_type_name(".google.protobuf.Struct"); }),
                ElementsAre("changed.Sample.time is no google.protobuf.Timestamp"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "few").set_label(Field::LABEL_OPTIONAL); }),
                ElementsAre("changed.Sample.few is not repeated"));
    EXPECT_THAT(problems([](auto& file) { field_of(file, "text").set_label(Field::LABEL_REPEATED); }),
                ElementsAre("changed.Sample.text is repeated"));
}

TEST(MessageTypes, NameEnumeratorsThatDoNotFit) {
    EXPECT_THAT(
        problems([](auto& file) { file.mutable_enum_type(0)->mutable_value(1)->set_name("COLOUR_PINK"); }),
        ElementsAre("changed.Colour has no value COLOUR_RED", "changed.COLOUR_PINK is no word of its enumeration"));
    EXPECT_THAT(problems([](auto& file) { file.mutable_enum_type(0)->mutable_value(0)->set_name("COLOUR_NONE"); }),
                ElementsAre("changed.Colour has no COLOUR_UNSPECIFIED = 0"));
}

TEST(MessageTypes, InputsTellWhatIsNotGivenFromWhatIsZero) {
    EXPECT_THAT(problems([](auto& file) { make_plain(file, "limit"); }),
                ElementsAre("changed.Sample.limit is not optional"));
    EXPECT_THAT(problems([](auto& file) { make_plain(file, "limit"); }, Use::output), IsEmpty());
    EXPECT_THAT(problems([](auto& file) { make_plain(file, "maybe"); }, Use::output),
                ElementsAre("changed.Sample.maybe is not optional"));
    EXPECT_THAT(problems([](auto& file) { make_plain(file, "patch"); }),
                ElementsAre("changed.Sample.patch is not optional"));
}

}  // namespace

}  // namespace nexpo::grpc_host
