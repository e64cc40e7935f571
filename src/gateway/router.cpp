// SPDX-License-Identifier: Apache-2.0
#include "gateway/router.hpp"

#include <algorithm>

#include "gateway/percent.hpp"

namespace nexpo::gateway {

bool Endpoint::add(std::string_view method, std::size_t route) {
    if (std::ranges::find(routes_, method, &std::pair<std::string, std::size_t>::first) != routes_.end()) return false;
    routes_.emplace_back(method, route);
    allow_.clear();
    for (auto const& [name, number] : routes_) {
        allow_.append(name).append(name == "GET" ? ", HEAD, " : ", ");
    }
    allow_.append("OPTIONS");
    return true;
}

std::optional<std::size_t> Endpoint::find(std::string_view method) const noexcept {
    if (method == "HEAD") method = "GET";
    for (auto const& [name, route] : routes_) {
        if (name == method) return route;
    }
    return std::nullopt;
}

std::vector<std::string_view> path_segments(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    while (!path.empty()) {
        auto const slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
        if (path.empty()) segments.emplace_back();
    }
    return segments;
}

std::optional<std::string_view> parameter_name(std::string_view segment) noexcept {
    if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return std::nullopt;
    return segment.substr(1, segment.size() - 2);
}

bool Router::add(std::string_view method, std::string_view path, std::size_t route) {
    if (method.empty() || path.empty() || path.front() != '/') return false;
    auto const segments = path_segments(path);
    Node* node = &root_;
    bool plain = true;
    for (auto const segment : segments) {
        if (segment.empty()) return false;
        bool const is_parameter = parameter_name(segment).has_value();
        plain = plain && !is_parameter;
        auto& next = is_parameter ? node->parameter : node->words[std::string(segment)];
        if (next == nullptr) next = std::make_unique<Node>();
        node = next.get();
    }
    if (node->endpoint == nullptr) node->endpoint = std::make_unique<Endpoint>();
    if (!node->endpoint->add(method, route)) return false;
    if (plain) paths_.emplace(path, node->endpoint.get());
    depth_ = std::max(depth_, segments.size());
    return true;
}

Endpoint const* Router::walk(Node const& node, std::vector<std::string_view> const& segments, std::size_t depth,
                             std::vector<std::size_t>& parameters) {
    if (depth == segments.size()) return node.endpoint.get();
    if (auto const word = node.words.find(segments[depth]); word != node.words.end()) {
        if (auto const* found = walk(*word->second, segments, depth + 1, parameters)) return found;
    }
    if (node.parameter == nullptr || segments[depth].empty()) return nullptr;
    parameters.push_back(depth);
    if (auto const* found = walk(*node.parameter, segments, depth + 1, parameters)) return found;
    parameters.pop_back();
    return nullptr;
}

RouteMatch Router::find(std::string_view path) const {
    if (auto const plain = paths_.find(path); plain != paths_.end()) return {.endpoint = plain->second};
    if (path.empty() || path.front() != '/') return {};
    auto segments = path_segments(path);

    std::vector<std::string> decoded;
    if (path.find('%') != std::string_view::npos) {
        decoded.reserve(segments.size());
        for (auto& segment : segments) {
            auto text = percent_decode(segment, Plus::plus);
            if (!text) return {.malformed = true};
            segment = decoded.emplace_back(std::move(*text));
        }
    }
    if (segments.size() > depth_) return {};

    RouteMatch match;
    std::vector<std::size_t> parameters;
    match.endpoint = walk(root_, segments, 0, parameters);
    if (match.endpoint == nullptr) return match;
    match.values.reserve(parameters.size());
    for (auto const position : parameters) match.values.emplace_back(segments[position]);
    return match;
}

}  // namespace nexpo::gateway
