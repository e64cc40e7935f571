// SPDX-License-Identifier: Apache-2.0
#include "gateway/route.hpp"

#include "describe/codec.hpp"
#include "gateway/percent.hpp"
#include "gateway/router.hpp"

namespace nexpo::gateway {

namespace {

Field const* field_of_kind(StructType const& type, std::string_view name, Kind kind) {
    auto const* field = type.find(name);
    return field != nullptr && field->type().kind == kind ? field : nullptr;
}

}  // namespace

PathTemplate::PathTemplate(std::string_view path, StructType const& type) {
    if (path.empty() || path.front() != '/') return;
    std::vector<Part> parts(1);
    for (auto const segment : path_segments(path)) {
        parts.back().text += '/';
        auto const name = parameter_name(segment);
        if (!name) {
            parts.back().text += segment;
            continue;
        }
        auto const* field = field_of_kind(type, *name, Kind::text);
        if (field == nullptr) field = field_of_kind(type, *name, Kind::integer);
        if (field == nullptr) return;
        parts.back().field = field;
        parts.emplace_back();
    }
    parts_ = std::move(parts);
}

std::string PathTemplate::fill(void const* output) const {
    std::string path;
    for (auto const& [text, field] : parts_) {
        path += text;
        if (field == nullptr) continue;
        auto const* value = describe::at(output, *field);
        if (field->type().kind == Kind::text) {
            append_percent_encoded(path, field->type().text(value));
        } else {
            path += std::to_string(field->type().integer(value));
        }
    }
    return path;
}

std::optional<Route> make_route(AnyOperation const& operation) {
    std::string_view const rest = operation.info.rest;
    auto const space = rest.find(' ');
    if (space == std::string_view::npos || operation.info.access == Access::system) return std::nullopt;

    Route route{.method = std::string(rest.substr(0, space)), .path = std::string(rest.substr(space + 1))};
    if (route.path.empty() || route.path.front() != '/') return std::nullopt;
    for (auto const segment : path_segments(route.path)) {
        if (auto const name = parameter_name(segment)) route.parameters.emplace_back(*name);
    }
    route.operation = &operation;
    auto const& output = *operation.output;
    if (!operation.info.location.empty()) route.location = PathTemplate(operation.info.location, output);
    route.version = field_of_kind(output, "version", Kind::integer);
    if (output.name().ends_with("Page")) route.next = field_of_kind(output, "next", Kind::optional);
    if (route.next != nullptr && route.next->type().element->kind != Kind::text) route.next = nullptr;
    route.answers_nothing = output.fields().empty();
    // RFC 8615: what stands there is metadata for everyone.
    route.is_public = operation.info.access == Access::anyone && operation.info.kind == OperationKind::query &&
                      route.path.starts_with("/.well-known/");
    return route;
}

}  // namespace nexpo::gateway
