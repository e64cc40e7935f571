// SPDX-License-Identifier: Apache-2.0
#include "operation/table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "describe/codec.hpp"

namespace nexpo::inline v1 {

OperationTable::OperationTable() = default;
OperationTable::OperationTable(OperationTable const&) = default;
OperationTable::OperationTable(OperationTable&&) noexcept = default;
OperationTable& OperationTable::operator=(OperationTable const&) = default;
OperationTable& OperationTable::operator=(OperationTable&&) noexcept = default;
OperationTable::~OperationTable() = default;

OperationTable& OperationTable::grant(std::string role, std::string permission) {
    contents_.grants.emplace_back(std::move(role), std::move(permission));
    return *this;
}

OperationTable& OperationTable::add_untyped(AnyOperation operation) {
    operation.opens_stream = false;
    contents_.operations.push_back(std::move(operation));
    return *this;
}

void OperationTable::add_stream(AnyOperation operation) {
    operation.opens_stream = true;
    contents_.operations.push_back(std::move(operation));
}

OperationTable& OperationTable::add_untyped(AnyHook hook) {
    contents_.hooks.push_back(std::move(hook));
    return *this;
}

}  // namespace nexpo::inline v1

namespace nexpo::operation {

namespace {

/// What the gateway answers by itself.
constexpr std::array<std::string_view, 5> kGatewayPaths{"/", "/health/live", "/health/ready", "/metrics",
                                                        "/openapi.json"};

Error invalid(std::string_view operation, std::string_view why) {
    return {Errc::invalid_argument, "operation_invalid",
            "operation " + std::string(operation) + ": " + std::string(why)};
}

bool is_word(std::string_view text) {
    if (text.empty() || text.front() < 'a' || text.front() > 'z') return false;
    return std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_pair(std::string_view text, char separator) {
    auto const at = text.find(separator);
    return at != std::string_view::npos && is_word(text.substr(0, at)) && is_word(text.substr(at + 1));
}

/// `METHOD /path/{parameter}`; parameters are fields of the input.
Result<void> check_rest(AnyOperation const& operation) {
    constexpr std::array<std::string_view, 5> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE"};
    std::string_view const rest = operation.info.rest;
    auto const space = rest.find(' ');
    if (space == rest.npos || std::ranges::find(kMethods, rest.substr(0, space)) == kMethods.end()) {
        return invalid(operation.info.name, "rest is a method and a path");
    }
    auto path = rest.substr(space + 1);
    if (path.size() < 2 || path.front() != '/' || path.back() == '/') {
        return invalid(operation.info.name, "a path starts with a slash and does not end with one");
    }
    if (std::ranges::find(kGatewayPaths, path) != kGatewayPaths.end()) {
        return invalid(operation.info.name, "its path belongs to the gateway: " + operation.info.rest);
    }
    bool const reads = rest.starts_with("GET ");
    if (reads == (operation.info.kind == OperationKind::mutation) && !rest.starts_with("POST ")) {
        return invalid(operation.info.name, "queries are GET or POST, mutations are not GET");
    }
    for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1)) {
        auto const close = path.find('}', open);
        auto const name = path.substr(open + 1, close == path.npos ? 0 : close - open - 1);
        bool const whole =
            close != path.npos && path[open - 1] == '/' && (close + 1 == path.size() || path[close + 1] == '/');
        if (!whole) return invalid(operation.info.name, "a parameter of the path is a whole segment");
        if (operation.input->find(name) == nullptr) {
            return invalid(operation.info.name, "the path names a parameter that the input does not have");
        }
    }
    return {};
}

/// Two paths are the same route when they differ only in the names of their parameters.
std::string route_of(std::string_view rest) {
    std::string route;
    bool inside = false;
    for (char const c : rest) {
        if (c == '}') inside = false;
        if (!inside) route += c;
        if (c == '{') inside = true;
    }
    return route;
}

ValueType const* variant_in(ValueType const& type) {
    if (type.kind == Kind::variant) return &type;
    return type.element == nullptr ? nullptr : variant_in(*type.element);
}

/// Without a tag per alternative a variant can be neither written nor read.
Result<void> check_tags(AnyOperation const& operation) {
    for (auto const* type : {operation.input, operation.output}) {
        for (auto const& field : type->fields()) {
            auto const* variant = variant_in(field.type());
            if (variant != nullptr && variant->alternatives.size() != field.tag_names().size()) {
                return invalid(operation.info.name, "field " + field.name() + " needs a tag per alternative");
            }
        }
    }
    return {};
}

Result<void> check_operation(AnyOperation const& operation) {
    auto const& info = operation.info;
    if (!is_pair(info.name, '.')) return invalid(info.name, "a name is <noun>.<verb> in snake_case");
    if (!operation.handler) return invalid(info.name, "has no handler");
    if (operation.input == nullptr || operation.output == nullptr) return invalid(info.name, "lacks a type");
    if (operation.opens_stream != (info.kind == OperationKind::stream)) {
        return invalid(info.name, "streams are the library's own");
    }
    if (auto tags = check_tags(operation); !tags) return tags;
    if (info.access == Access::permission && !is_pair(info.permission, ':')) {
        return invalid(info.name, "a permission is <noun>:<verb> in snake_case");
    }
    if (!info.or_permission.empty() && (info.access != Access::permission || !is_pair(info.or_permission, ':'))) {
        return invalid(info.name, "or_permission stands beside a permission and is one");
    }
    if (!std::ranges::all_of(info.also_permissions, [](auto const& permission) { return is_pair(permission, ':'); })) {
        return invalid(info.name, "also_permissions are <noun>:<verb> in snake_case");
    }
    if (!info.rest.empty()) {
        if (auto rest = check_rest(operation); !rest) return rest;
    }
    if (!info.blocking_field.empty() && operation.input->find(info.blocking_field) == nullptr) {
        return invalid(info.name, "blocking_field is no field of the input");
    }
    if (!info.account_field.empty()) {
        auto const* field = operation.input->find(info.account_field);
        if (field == nullptr || field->type().kind != Kind::text) return invalid(info.name, "account_field is no text");
    }
    for (auto const& event : info.emits) {
        if (!is_pair(event.name, '.') || event.payload == nullptr) {
            return invalid(info.name, "an event is <noun>.<participle> with a payload");
        }
        if (!event.permission.empty() && !is_pair(event.permission, ':')) {
            return invalid(info.name, "an event's permission is <noun>:<verb> in snake_case");
        }
    }
    return {};
}

Result<void> check_hook(AnyHook const& hook, OperationTable::Contents const& table) {
    auto const found = std::ranges::find_if(
        table.operations, [&](AnyOperation const& operation) { return operation.info.name == hook.operation; });
    if (found == table.operations.end()) return invalid(hook.operation, "a hook names an unknown operation");
    if (!hook.before && !hook.after) return invalid(hook.operation, "a hook has no function");
    bool const fits = (hook.input == nullptr || describe::same_struct(*found->input, *hook.input)) &&
                      (hook.output == nullptr || describe::same_struct(*found->output, *hook.output));
    if (!fits) return invalid(hook.operation, "a hook has other types than the operation");
    if (found->opens_stream && hook.after) return invalid(hook.operation, "a stream has no output for a hook");
    return {};
}

/// Schemas name structs; two structs of one name would be told apart by nobody.
class StructNames {
 public:
    /// False when another struct has the name.
    bool add(StructType const& type) {
        auto const [known, is_new] = structs_.emplace(type.name(), &type);
        if (!is_new) return describe::same_struct(*known->second, type);
        return std::ranges::all_of(type.fields(), [this](Field const& field) { return add(field.type()); });
    }

 private:
    bool add(ValueType const& type) {
        if (type.structure != nullptr) return add(type.structure());
        if (type.element != nullptr) return add(*type.element);
        return std::ranges::all_of(type.alternatives, [this](ValueType const* inner) { return add(*inner); });
    }

    std::map<std::string_view, StructType const*> structs_;
};

}  // namespace

Result<void> check_table(OperationTable::Contents const& table) {
    std::set<std::string, std::less<>> names;
    std::set<std::string> routes;
    StructNames structs;
    for (auto const& operation : table.operations) {
        if (auto checked = check_operation(operation); !checked) return checked;
        auto const& info = operation.info;
        if (!names.insert(info.name).second) return invalid(info.name, "is declared twice");
        if (!info.rest.empty() && !routes.insert(route_of(info.rest)).second) {
            return invalid(info.name, "its path is taken: " + info.rest);
        }
        if (!structs.add(*operation.input) || !structs.add(*operation.output)) {
            return invalid(info.name, "two different structs have the same name");
        }
    }
    for (auto const& hook : table.hooks) {
        if (auto checked = check_hook(hook, table); !checked) return checked;
    }
    for (auto const& [role, permission] : table.grants) {
        if (!is_word(role) || !is_pair(permission, ':'))
            return invalid(permission, "a grant is a role and <noun>:<verb>");
    }
    return {};
}

}  // namespace nexpo::operation
