// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nexpo::gateway {

/// What one path offers.
class Endpoint {
 public:
    /// False when the method is taken.
    bool add(std::string_view method, std::size_t route);
    /// The route of a method; `HEAD` is answered by the route of `GET`.
    std::optional<std::size_t> find(std::string_view method) const noexcept;
    /// Every method, as the `Allow` header lists them.
    std::string const& allow() const noexcept { return allow_; }

 private:
    std::vector<std::pair<std::string, std::size_t>> routes_;
    std::string allow_;
};

/// Where a path leads.
struct RouteMatch {
    Endpoint const* endpoint = nullptr;  ///< Null when there is no such path.
    std::vector<std::string> values{};   ///< The path's parameters in order, decoded.
    bool malformed = false;              ///< A percent sign without two hexadecimal digits.
};

/// Finds the route of a path such as `/users/{id}`. Words win over parameters, segment by segment. Filled first, then
/// safe to share.
class Router {
 public:
    /// Adds a route by number. False when the path is malformed or the method taken there.
    bool add(std::string_view method, std::string_view path, std::size_t route);
    /// Looks up the path of a request, still encoded.
    RouteMatch find(std::string_view path) const;

 private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> words;
        std::unique_ptr<Node> parameter;
        std::unique_ptr<Endpoint> endpoint;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };

    static Endpoint const* walk(Node const& node, std::vector<std::string_view> const& segments, std::size_t depth,
                                std::vector<std::size_t>& parameters);

    Node root_;
    std::unordered_map<std::string, Endpoint const*, Hash, std::equal_to<>> paths_;  // those without parameters
    std::size_t depth_ = 0;
};

/// The segments of a path that starts with `/`; empty for `/` itself.
std::vector<std::string_view> path_segments(std::string_view path);

/// The parameter that a segment of a route names, or nothing for a word.
std::optional<std::string_view> parameter_name(std::string_view segment) noexcept;

}  // namespace nexpo::gateway
