// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/operation.hpp"

namespace nexpo::gateway {

/// The gateway's own pages.
enum class OwnPage : std::uint8_t { index, openapi, live, ready, metrics };

/// A path with places for fields of an output, such as `/users/{id}`.
class PathTemplate {
 public:
    PathTemplate() = default;
    /// Fields that `type` does not have, or that have no text form, leave the template empty.
    PathTemplate(std::string_view path, StructType const& type);

    bool empty() const noexcept { return parts_.empty(); }
    /// The path with the fields of `output` in their places.
    std::string fill(void const* output) const;

 private:
    struct Part {
        std::string text;
        Field const* field = nullptr;  // after the text
    };

    std::vector<Part> parts_;
};

/// What the gateway knows of one route before any request comes.
struct Route {
    std::string method{};
    std::string path{};
    std::vector<std::string> parameters{};    ///< Names in the path, in order.
    std::optional<OwnPage> page{};            ///< A page of our own, or nothing:
    AnyOperation const* operation = nullptr;  ///< the operation behind the route.

    PathTemplate location{};         ///< Empty: nothing is created.
    Field const* version = nullptr;  ///< The output's whole number `version`, for the entity tag.
    Field const* next = nullptr;     ///< A page's cursor for the following page.
    bool answers_nothing = false;    ///< The output has no fields: 204.
    bool is_public = false;          ///< May be cached by everyone.

    bool is_stream() const noexcept { return operation != nullptr && operation->opens_stream; }
    /// True when the input comes in a body, otherwise in the query.
    bool takes_body() const noexcept { return method != "GET" && method != "DELETE"; }
};

/// The route that `OperationInfo::rest` declares, or nothing when there is none.
std::optional<Route> make_route(AnyOperation const& operation);

}  // namespace nexpo::gateway
