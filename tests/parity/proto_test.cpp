// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "grpc/descriptors.hpp"
#include "grpc/method_table.hpp"
#include "support/test_backend.hpp"

namespace nexpo::parity {

namespace {

namespace pb = google::protobuf;

TEST(Proto, FitsTheTablesOfOperationsAndTypes) {
    testing::TestBackend const test;
    grpc_host::MethodTable const methods(test.backend);
    EXPECT_THAT(methods.problems(), ::testing::IsEmpty());
}

TEST(Proto, OffersEveryListElementByElement) {
    testing::TestBackend const test;
    grpc_host::MethodTable const table(test.backend);
    std::set<std::string> lists;
    for (auto const& service : table.services()) {
        for (auto const& method : service.methods) {
            if (method.kind == grpc_host::MethodKind::list) lists.insert(method.operation);
        }
    }
    for (auto const& operation : test.backend.operations()) {
        if (operation.access == Access::system) continue;
        auto const& output = *test.backend.operation_types(operation.name)->output;
        bool const is_page = output.find("items") != nullptr && output.find("next") != nullptr;
        EXPECT_EQ(lists.contains(operation.name), is_page) << operation.name;
    }
}

void add_message(pb::Descriptor const& message, std::map<std::string, std::string>& numbers) {
    for (int i = 0; i < message.field_count(); ++i) {
        auto const& field = *message.field(i);
        auto const type = field.message_type() != nullptr ? field.message_type()->full_name()
                          : field.enum_type() != nullptr  ? field.enum_type()->full_name()
                                                          : field.type_name();
        numbers[field.full_name()] = std::to_string(field.number()) + ' ' + (field.is_repeated() ? "repeated " : "") +
                                     (field.has_optional_keyword() ? "optional " : "") + type;
    }
}

/// What clients that are out there were compiled from: whatever is in the golden file stays as it is.
TEST(Proto, KeepsItsNamesNumbersAndTypes) {
    std::map<std::string, std::string> now;
    for (auto const* file : grpc_host::proto_files()) {
        for (int i = 0; i < file->message_type_count(); ++i) add_message(*file->message_type(i), now);
        for (int i = 0; i < file->enum_type_count(); ++i) {
            auto const& type = *file->enum_type(i);
            for (int j = 0; j < type.value_count(); ++j) {
                now[type.value(j)->full_name()] = std::to_string(type.value(j)->number()) + " of " + type.full_name();
            }
        }
        for (int i = 0; i < file->service_count(); ++i) {
            auto const& service = *file->service(i);
            for (int j = 0; j < service.method_count(); ++j) {
                auto const& method = *service.method(j);
                now[method.full_name()] =
                    std::string(method.client_streaming() ? "stream " : "") + method.input_type()->full_name() +
                    " -> " + (method.server_streaming() ? "stream " : "") + method.output_type()->full_name();
            }
        }
    }
    std::string const path = NEXPO_TEST_DATA "/proto.txt";
    if (std::getenv("NEXPO_UPDATE_GOLDENS") != nullptr) {
        std::ofstream file(path);
        for (auto const& [name, what] : now) file << name << " = " << what << '\n';
    }
    std::ifstream file(path);
    std::map<std::string, std::string> before;
    for (std::string line; std::getline(file, line);) {
        auto const space = line.find(" = ");
        before[line.substr(0, space)] = line.substr(space + 3);
    }
    EXPECT_FALSE(before.empty());
    for (auto const& [name, what] : before) EXPECT_EQ(now[name], what) << name << " was released as it was";
    for (auto const& [name, what] : now) {
        EXPECT_TRUE(before.contains(name)) << name << " is new: NEXPO_UPDATE_GOLDENS=1 takes it over";
    }
}

}  // namespace

}  // namespace nexpo::parity
