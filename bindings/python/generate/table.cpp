// SPDX-License-Identifier: Apache-2.0
// Prints the operations and their structs as JSON: what generate.py makes Python of.
#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "nexpo/nexpo.hpp"

namespace {

using nexpo::Json;
using nexpo::Kind;

/// Descriptions know the words of an enumeration, and not what C++ calls it.
std::string enumeration_name(nexpo::ValueType const& type) {
    static std::map<nexpo::ValueType const*, std::string> const names{
        {&nexpo::value_type<nexpo::AuditFaultKind>(), "AuditFaultKind"},
        {&nexpo::value_type<nexpo::JobState>(), "JobState"},
        {&nexpo::value_type<nexpo::MissedRuns>(), "MissedRuns"},
        {&nexpo::value_type<nexpo::Role>(), "Role"},
        {&nexpo::value_type<nexpo::SigningAlgorithm>(), "SigningAlgorithm"},
        {&nexpo::value_type<nexpo::WebhookOff>(), "WebhookOff"},
        {&nexpo::value_type<nexpo::WebhookScheme>(), "WebhookScheme"},
    };
    auto const found = names.find(&type);
    if (found == names.end()) {
        std::fprintf(stderr, "an enumeration has no name in bindings/python/generate/table.cpp; its first word is %s\n",
                     std::string(type.names[0]).c_str());
        std::exit(1);
    }
    return found->second;
}

char const* kind_name(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "boolean";
        case Kind::integer:
            return "integer";
        case Kind::number:
            return "number";
        case Kind::decimal:
            return "decimal";
        case Kind::text:
            return "text";
        case Kind::bytes:
            return "bytes";
        case Kind::timestamp:
            return "timestamp";
        case Kind::json:
            return "json";
        case Kind::enumeration:
            return "enumeration";
        case Kind::object:
            return "object";
        case Kind::list:
            return "list";
        case Kind::map:
            return "map";
        case Kind::variant:
            return "variant";
        case Kind::optional:
            return "optional";
        case Kind::patch:
            return "patch";
    }
    return "";
}

class Table {
 public:
    void add(nexpo::OperationInfo const& info, nexpo::OperationTypes const& types) {
        Json operation;
        operation.set("name", info.name);
        operation.set("summary", info.summary);
        operation.set("description", info.description);
        constexpr std::array<char const*, 3> kKinds{"query", "mutation", "stream"};
        operation.set("kind", kKinds.at(static_cast<std::size_t>(info.kind)));
        Json reasons(Json::Array{});
        for (auto const& reason : info.reasons) {
            reasons.append(Json::Array{std::string(to_string(reason.code)), reason.reason});
        }
        operation.set("reasons", std::move(reasons));
        operation.set("input", types.input->name());
        operation.set("output", types.output->name());
        operations_.append(std::move(operation));
        add(*types.input);
        add(*types.output);
    }

    void add(nexpo::StructType const& type) {
        if (!seen_.insert(type.name()).second) return;
        auto const defaults = Json::parse(to_json(type, type.defaults())).value();
        Json fields(Json::Array{});
        for (auto const& field : type.fields()) {
            Json described;
            described.set("name", field.name());
            described.set("type", type_of(field.type()));
            described.set("doc", field.description());
            described.set("required", field.is_required());
            described.set("secret", field.is_secret() || is_secret(field.type()));
            described.set("deprecated", field.is_deprecated());
            if (auto const* value = defaults.find(field.name())) described.set("default", *value);
            fields.append(std::move(described));
        }
        structs_.set(type.name(), std::move(fields));
    }

    Json finish() {
        Json table;
        table.set("operations", std::move(operations_));
        table.set("structs", std::move(structs_));
        table.set("enums", std::move(enums_));
        return table;
    }

 private:
    static bool is_secret(nexpo::ValueType const& type) {
        return type.element == nullptr ? &type == &nexpo::value_type<nexpo::Secret>() : is_secret(*type.element);
    }

    Json type_of(nexpo::ValueType const& type) {
        Json described;
        described.set("kind", kind_name(type.kind));
        if (type.element != nullptr) described.set("element", type_of(*type.element));
        if (type.kind == Kind::object) {
            described.set("struct", type.structure().name());
            add(type.structure());
        }
        if (type.kind == Kind::enumeration) {
            auto const name = enumeration_name(type);
            Json words(Json::Array{});
            for (auto const word : type.names) words.append(word);
            enums_.set(name, std::move(words));
            described.set("enum", name);
        }
        return described;
    }

    Json operations_{Json::Array{}};
    Json structs_{Json::Object{}};
    Json enums_{Json::Object{}};
    std::set<std::string> seen_;
};

}  // namespace

int main() {
    auto const folder = std::filesystem::temp_directory_path() / ("nexpo_table_" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    Table table;
    {
        auto const backend = nexpo::Backend::open({.database = "sqlite:" + (folder / "table.db").string()}).value();
        for (auto const& info : backend.operations()) {
            table.add(info, backend.operation_types(info.name).value());
        }
        backend.close();
    }
    std::filesystem::remove_all(folder);
    table.add(nexpo::struct_type<nexpo::Config>());
    table.add(nexpo::struct_type<nexpo::Health>());
    table.add(nexpo::struct_type<nexpo::AuditReport>());
    std::puts(table.finish().dump_pretty().c_str());
    return 0;
}
