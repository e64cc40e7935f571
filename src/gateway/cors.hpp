// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/origin.hpp"
#include "gateway/request_fields.hpp"
#include "nexpo/config.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::gateway {

/// Which pages may read answers (the CORS protocol of the Fetch standard). It protects the users of browsers and is no
/// access control: whatever it says, requests are answered.
class CorsPolicy {
 public:
    /// Of settings that `check_config` has passed.
    explicit CorsPolicy(GatewayConfig const& config);

    static bool allows_any(GatewayConfig const& config);

    bool allows_any() const noexcept { return any_; }
    /// Whether pages of this origin may read the answer. `null`, which anybody can be, is meant by `*` only.
    bool allows(std::string_view origin) const noexcept;
    /// Whether the page that sent a request with this `Origin`, if any, may read the answer. Two origins at once are
    /// nobody's.
    bool allows(SingleField const& origin) const noexcept {
        return any_ || (origin.count == 1 && allows(origin.value));
    }
    /// Adds what a browser asks before it sends a request: the methods of the path, and headers.
    void add_preflight(Response& response, std::string const& methods) const;

 private:
    bool any_;
    std::set<std::string, std::less<>> exact_;
    std::vector<base::OriginPattern> wildcards_;
    std::string max_age_;
};

}  // namespace nexpo::gateway
