// SPDX-License-Identifier: Apache-2.0
#include "gateway/openapi_components.hpp"

#include <string_view>
#include <utility>

#include "gateway/json_schema.hpp"

namespace nexpo::gateway {

namespace {

Json text(std::string_view description) {
    Json schema;
    schema.set("type", "string");
    if (!description.empty()) schema.set("description", description);
    return schema;
}

Json object(Json properties) {
    Json required(Json::Array{});
    for (auto const& [name, schema] : *properties.if_object()) required.append(name);
    Json json;
    json.set("type", "object").set("properties", std::move(properties)).set("required", std::move(required));
    return json;
}

Json violation_schema() {
    Json properties;
    properties.set("field", text("JSON pointer into the input; empty for the whole input."))
        .set("rule", text("The rule's stable name."))
        .set("message", text("What the rule asks, for people."));
    return object(std::move(properties));
}

Json problem_schema() {
    Json status;
    status.set("type", "integer").set("format", "int32");
    Json properties;
    properties.set("type", text("`/problems/<reason>`"))
        .set("title", text("The reason, for people."))
        .set("status", std::move(status))
        .set("detail", text("What happened, for people; may change."))
        .set("code", text("One of the sixteen canonical codes."))
        .set("reason", text("A stable word that programs branch on."))
        .set("request_id", text("The log has more under it."));
    auto schema = object(std::move(properties));
    Json violations;
    violations.set("type", "array").set("items", schema_reference("Violation"));
    auto with_violations = *schema.find("properties");
    with_violations.set("violations", std::move(violations));
    schema.set("properties", std::move(with_violations));
    schema.set("description", "Problem details (RFC 9457).");
    return schema;
}

Json header_parameter(std::string_view name, std::string_view description, std::string_view example) {
    Json json;
    json.set("name", name).set("in", "header").set("description", description).set("schema", text(""));
    json.set("example", example);
    return json;
}

Json header(std::string_view description) {
    Json json;
    json.set("description", description).set("schema", text(""));
    return json;
}

Json problem_response() {
    Json media;
    media.set("schema", schema_reference("Problem"));
    Json content;
    content.set("application/problem+json", std::move(media));
    Json response;
    response.set("description", "The call failed.").set("content", std::move(content));
    return response;
}

Json bearer_scheme() {
    Json bearer;
    bearer.set("type", "http")
        .set("scheme", "bearer")
        .set("bearerFormat", "JWT")
        .set("description", "The access token of a sign-in.");
    Json schemes;
    schemes.set("bearer", std::move(bearer));
    return schemes;
}

}  // namespace

Json openapi_components(std::map<std::string, Json> schemas) {
    schemas.insert_or_assign("Problem", problem_schema());
    schemas.insert_or_assign("Violation", violation_schema());
    Json by_name;
    for (auto& [name, schema] : schemas) by_name.set(name, std::move(schema));

    Json parameters;
    parameters
        .set("IdempotencyKey", header_parameter("Idempotency-Key", "A repeat with the same key gets the first answer.",
                                                "8e03978e-40d5-43e8-bc93-6894a57f9324"))
        .set("IfMatch", header_parameter("If-Match", "Change the record only if it still has this version.", "\"v7\""))
        .set("IfNoneMatch", header_parameter("If-None-Match", "Answer 304 if it still has this version.", "\"v7\""))
        .set("LastEventId", header_parameter("Last-Event-ID", "The same as `after`, and stands above it.",
                                             "evt_01h455vb4pex5vsknk084sn02q"));
    Json headers;
    headers.set("ETag", header("The record's version, for example `\"v7\"`."))
        .set("Link", header("The following page, if any, with `rel=\"next\"`."))
        .set("Location", header("The path of the created record."));
    Json responses;
    responses.set("Problem", problem_response());

    Json components;
    components.set("schemas", std::move(by_name))
        .set("responses", std::move(responses))
        .set("parameters", std::move(parameters))
        .set("headers", std::move(headers))
        .set("securitySchemes", bearer_scheme());
    return components;
}

}  // namespace nexpo::gateway
