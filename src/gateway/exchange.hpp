// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/request_fields.hpp"
#include "gateway/route.hpp"
#include "gateway/router.hpp"
#include "gateway/target.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::gateway {

inline constexpr std::size_t kMaxTarget = 8U << 10U;
inline constexpr std::size_t kMaxHeaders = 64U << 10U;

/// Why a request is not passed on to an operation.
struct Refusal {
    int status = 0;
    Error error{};
    std::vector<Header> headers{};
};

/// One request and what the gateway read in it. Stays where it was made, because its parts point into the request.
struct Exchange {
    explicit Exchange(Request from) : request(std::move(from)), fields(read_fields(request.headers)) {}
    Exchange(Exchange const&) = delete;
    Exchange& operator=(Exchange const&) = delete;

    bool is_stream() const noexcept { return route != nullptr && route->is_stream(); }
    bool is_read() const noexcept { return request.method == "GET" || request.method == "HEAD"; }

    Request const request;
    RequestFields const fields;
    Target target{};
    Endpoint const* endpoint = nullptr;
    Route const* route = nullptr;  ///< Null for OPTIONS.
    std::vector<std::string> path_values{};
    Query query{};
    std::string idempotency_key{};
    std::optional<std::int64_t> if_version{};
    bool body_is_compressed = false;
    bool body_is_too_large = false;  ///< Known only when it is decompressed.
};

/// Finds the endpoint and the route.
std::optional<Refusal> locate(Exchange& exchange, Router const& router, std::vector<Route> const& routes,
                              std::size_t body_bytes);

/// Reads query and headers for an operation, and refuses what cannot be answered whatever the operation says.
std::optional<Refusal> inspect(Exchange& exchange);

}  // namespace nexpo::gateway
