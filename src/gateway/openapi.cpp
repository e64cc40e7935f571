// SPDX-License-Identifier: Apache-2.0
#include "gateway/openapi.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "gateway/json_schema.hpp"
#include "gateway/openapi_components.hpp"
#include "gateway/problem.hpp"
#include "gateway/route.hpp"

namespace nexpo::gateway {

namespace {

using ReasonsByStatus = std::map<int, std::set<std::string>>;

Json reference(std::string_view kind, std::string_view name) {
    Json json;
    json.set("$ref", std::string("#/components/").append(kind).append("/").append(name));
    return json;
}

Json json_content(std::string_view media_type, Json schema) {
    Json media;
    media.set("schema", std::move(schema));
    Json content;
    content.set(media_type, std::move(media));
    return content;
}

bool declares(OperationInfo const& info, std::string_view reason) {
    return std::ranges::find(info.reasons, reason, &Reason::reason) != info.reasons.end();
}

/// Forms that a query can carry only as JSON text.
bool is_structured(ValueType const& type) {
    auto const kind = type.kind == Kind::optional || type.kind == Kind::patch ? type.element->kind : type.kind;
    return kind == Kind::json || kind == Kind::object || kind == Kind::map || kind == Kind::variant;
}

class Document {
 public:
    void add(Route const& route) {
        auto& path = paths_[route.path];
        path.set(base::to_lower(route.method), operation(route));
    }

    Json render(std::string_view version) const {
        Json info;
        info.set("title", "Nexpo").set("version", version);
        Json paths(Json::Object{});
        for (auto const& [path, item] : paths_) paths.set(path, item);
        Json tags(Json::Array{});
        for (auto const& tag : tags_) {
            Json entry;
            entry.set("name", tag);
            tags.append(std::move(entry));
        }
        auto schemas = schemas_.schemas();
        for (auto const& [name, schema] : bodies_) schemas.insert_or_assign(name, schema);

        Json document;
        document.set("openapi", "3.1.0").set("info", std::move(info)).set("tags", std::move(tags));
        document.set("paths", std::move(paths)).set("components", openapi_components(std::move(schemas)));
        return document;
    }

 private:
    Json operation(Route const& route) {
        auto const& info = route.operation->info;
        Json json;
        json.set("operationId", info.name).set("tags", Json::Array{tag_of(info)}).set("summary", info.summary);
        if (!info.description.empty()) json.set("description", info.description);
        if (!info.permission.empty()) json.set("x-permission", info.permission);
        if (!info.or_permission.empty()) json.set("x-or-permission", info.or_permission);
        if (!info.also_permissions.empty()) {
            Json permissions(Json::Array{});
            for (auto const& permission : info.also_permissions) permissions.append(permission);
            json.set("x-also-permissions", std::move(permissions));
        }
        Json security(Json::Array{});
        if (info.access != Access::anyone) {
            Json bearer;
            bearer.set("bearer", Json::Array{});
            security.append(std::move(bearer));
        }
        json.set("security", std::move(security));
        if (auto list = parameters(route); !list.if_array()->empty()) json.set("parameters", std::move(list));
        if (auto body = request_body(route); !body.is_null()) json.set("requestBody", std::move(body));
        json.set("responses", responses(route));
        return json;
    }

    std::string tag_of(OperationInfo const& info) {
        auto noun = info.name.substr(0, info.name.find('.'));
        if (std::ranges::find(tags_, noun) == tags_.end()) tags_.push_back(noun);
        return noun;
    }

    Json parameters(Route const& route) {
        auto const& info = route.operation->info;
        auto const& input = *route.operation->input;
        Json list(Json::Array{});
        for (auto const& name : route.parameters) {
            if (auto const* field = input.find(name)) list.append(parameter(input, *field, "path"));
        }
        if (!route.takes_body()) {
            schemas_.add_inside(input, Direction::input);
            for (auto const& field : input.fields()) {
                bool const in_path = std::ranges::find(route.parameters, field.name()) != route.parameters.end();
                if (!in_path && !field.is_read_only()) list.append(parameter(input, field, "query"));
            }
        }
        if (info.kind == OperationKind::mutation && !info.credentials) {
            list.append(reference("parameters", "IdempotencyKey"));
        }
        if (route.is_stream()) list.append(reference("parameters", "LastEventId"));
        if (declares(info, "version_mismatch")) list.append(reference("parameters", "IfMatch"));
        if (route.version != nullptr && route.method == "GET") list.append(reference("parameters", "IfNoneMatch"));
        return list;
    }

    static Json parameter(StructType const& input, Field const& field, char const* in) {
        bool const in_path = std::string_view(in) == "path";
        Json json;
        json.set("name", field.name()).set("in", in);
        if (in_path || field.is_required()) json.set("required", true);
        if (!field.description().empty()) json.set("description", field.description());
        if (field.is_deprecated()) json.set("deprecated", true);
        auto schema = parameter_schema(input, field);
        if (is_structured(field.type())) {
            json.set("content", json_content("application/json", std::move(schema)));
        } else {
            json.set("schema", std::move(schema));
        }
        return json;
    }

    Json request_body(Route const& route) {
        auto const& input = *route.operation->input;
        if (!route.takes_body() || input.fields().size() <= route.parameters.size()) return {};
        Json schema;
        if (route.parameters.empty()) {
            schemas_.add(input, Direction::input);
            schema = schema_reference(input.name());
        } else {
            auto const name = input.name() + "Body";
            schemas_.add_inside(input, Direction::input);
            bodies_.insert_or_assign(name, struct_schema(input, Direction::input, route.parameters));
            schema = schema_reference(name);
        }
        auto content = json_content("application/json", schema);
        if (route.method == "PATCH") {
            content = json_content("application/merge-patch+json", schema);
            content.set("application/json", *content.find("application/merge-patch+json"));
        }
        bool const required = std::ranges::any_of(input.fields(), [&](Field const& field) {
            bool const in_path = std::ranges::find(route.parameters, field.name()) != route.parameters.end();
            return field.is_required() && field.type().kind != Kind::patch && !in_path;
        });
        Json body;
        body.set("required", required).set("content", std::move(content));
        return body;
    }

    Json responses(Route const& route) {
        Json all;
        bool const creates = !route.location.empty();
        int const status = route.answers_nothing ? 204 : creates ? 201 : 200;
        all.set(std::to_string(status), success(route, status));
        for (auto const& [code, reasons] : reasons_of(route)) all.set(std::to_string(code), failure(code, reasons));
        all.set("default", reference("responses", "Problem"));
        return all;
    }

    Json success(Route const& route, int status) {
        Json response;
        response.set("description", status == 204 ? "Done." : status == 201 ? "Created." : "The answer.");
        Json headers(Json::Object{});
        if (status == 201) headers.set("Location", reference("headers", "Location"));
        if (route.version != nullptr) headers.set("ETag", reference("headers", "ETag"));
        if (route.next != nullptr) headers.set("Link", reference("headers", "Link"));
        if (!headers.if_object()->empty()) response.set("headers", std::move(headers));
        if (status != 204) {
            auto const& output = *route.operation->output;
            schemas_.add(output, Direction::output);
            auto const* media_type = route.is_stream() ? "text/event-stream" : "application/json";
            response.set("content", json_content(media_type, schema_reference(output.name())));
        }
        return response;
    }

    static ReasonsByStatus reasons_of(Route const& route) {
        auto const& info = route.operation->info;
        ReasonsByStatus reasons;
        for (auto const& [code, reason] : info.reasons) {
            Error const error{.code = code, .reason = reason};
            reasons[http_status(error, reason == "version_mismatch")].insert(reason);
        }
        if (!route.operation->input->fields().empty()) reasons[400].insert("validation_failed");
        if (info.access != Access::anyone) reasons[401];
        if (info.access == Access::permission) reasons[403].insert("permission_denied");
        if (info.access == Access::signed_in) reasons[403].insert("account_required");
        if (info.kind == OperationKind::mutation && !info.credentials) reasons[422].insert("idempotency_key_reused");
        reasons[429].insert("rate_limited");
        return reasons;
    }

    static Json failure(int status, std::set<std::string> const& reasons) {
        Json words(Json::Array{});
        std::string description;
        for (auto const& reason : reasons) {
            description.append(description.empty() ? "" : ", ").append("`" + reason + "`");
            words.append(reason);
        }
        if (description.empty()) description = status == 401 ? "No valid access token" : "Refused";
        Json response;
        response.set("description", description + '.');
        response.set("content", json_content("application/problem+json", schema_reference("Problem")));
        if (!reasons.empty()) response.set("x-reasons", std::move(words));
        return response;
    }

    std::map<std::string, Json> paths_;
    std::map<std::string, Json> bodies_;  // schemas of bodies without the fields that stand in the path
    std::vector<std::string> tags_;
    SchemaSet schemas_;
};

}  // namespace

Json openapi_document(std::span<AnyOperation const> operations, std::string_view version) {
    Document document;
    for (auto const& operation : operations) {
        if (auto const route = make_route(operation)) document.add(*route);
    }
    return document.render(version);
}

}  // namespace nexpo::gateway
