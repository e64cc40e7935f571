// SPDX-License-Identifier: Apache-2.0
// Request targets: path, route, query and the input that is made of them.
#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "gateway/input.hpp"
#include "gateway/percent.hpp"
#include "gateway/router.hpp"
#include "gateway/target.hpp"
#include "unit/gateway/sample.hpp"

namespace nexpo::fuzz {
namespace {

using gateway::Query;

constexpr std::string_view kPaths[] = {"/",
                                       "/notes",
                                       "/notes/latest",
                                       "/notes/{id}",
                                       "/notes/{id}/pages/{page}",
                                       "/notes/{id}/pages/first",
                                       "/{kind}/latest/all",
                                       "/files/{a}/{b}/{c}/{d}"};

gateway::Router const& router() {
    static gateway::Router const filled = [] {
        gateway::Router made;
        for (std::size_t i = 0; i < std::size(kPaths); ++i) made.add("GET", kPaths[i], i);
        return made;
    }();
    return filled;
}

/// The path of a route with values in its places, encoded to the full.
std::string path_of(std::size_t route, std::vector<std::string> const& values) {
    std::string path;
    auto value = values.begin();
    for (auto const segment : gateway::path_segments(kPaths[route])) {
        path += '/';
        if (!gateway::parameter_name(segment)) {
            path += segment;
            continue;
        }
        require(value != values.end(), "each parameter has a value", kPaths[route]);
        gateway::append_percent_encoded(path, *value++);
    }
    require(value == values.end(), "each value has a parameter", kPaths[route]);
    return path.empty() ? "/" : path;
}

void route(std::string_view path) {
    auto const match = router().find(path);
    require(!match.malformed || path.find('%') != path.npos, "only percent signs are malformed here", path);
    if (match.endpoint == nullptr) return;
    auto const number = match.endpoint->find("GET").value();
    auto const again = router().find(path_of(number, match.values));
    require(again.endpoint == match.endpoint && again.values == match.values, "a path can be written back", path);
}

bool same(Query const& left, Query const& right) {
    return std::ranges::equal(left, right,
                              [](auto const& a, auto const& b) { return a.name == b.name && a.value == b.value; });
}

void query(std::string_view text) {
    auto const query = gateway::parse_query(text);
    if (!query) return;
    require(query->size() <= gateway::kMaxQueryParameters, "the number of parameters is limited");
    std::string written;
    for (auto const& [name, value] : *query) {
        written += written.empty() ? "" : "&";
        gateway::append_percent_encoded(written, name);
        written += '=';
        gateway::append_percent_encoded(written, value);
    }
    auto const again = gateway::parse_query(written);
    require(again && same(*again, *query), "a query can be written back", text);

    auto const& type = struct_type<sample::Search>();
    std::vector<std::string> const names{"id"};
    std::vector<std::string> const values{"note_1"};
    auto const input = gateway::read_input(
        type, {.path_names = names, .path_values = values, .query = &*query, .fields_in_query = true});
    if (!input) {
        auto const& error = input.error();
        require(error.code == Errc::invalid_argument && !error.violations.empty(), "refusals name the fields");
        for (auto const& violation : error.violations) {
            require(violation.field.empty() || violation.field.front() == '/', "fields are JSON pointers");
            require(Json::parse(Json(violation.field).dump()) && violation.field.find('\0') == std::string::npos,
                    "fields can be answered with", violation.field);
        }
        return;
    }
    require(validate(type, input->get()).has_value(), "what was read keeps the rules", text);
    auto const json = to_json(type, input->get());
    auto const copy = type.make();
    require(from_json(type, copy.get(), std::string_view(json)).has_value(),
            "a query says nothing that a body could not", json);
    require(to_json(type, copy.get()) == json, "and the same as a body", json);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(http_target) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const target = gateway::parse_target(input);
    if (!target) {
        require(target.error().code == Errc::invalid_argument && target.error().reason == "target_malformed",
                "refusals are of one kind");
        return;
    }
    require(target->path == "*" || target->path.starts_with('/'), "a target leads to a path", input);
    require(target->query.find('#') == target->query.npos && target->path.find('?') == target->path.npos,
            "parts are parted");
    auto origin_form = std::string(target->path);
    if (!target->query.empty()) origin_form.append("?").append(target->query);
    auto const again = gateway::parse_target(origin_form);
    require(again && again->path == target->path && again->query == target->query, "a target has an origin form",
            input);
    route(target->path);
    query(target->query);
}
