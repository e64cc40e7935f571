// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "nexpo/config.hpp"

namespace nexpo::gateway {

/// The header lines that all answers share, put together once: an answer costs one view of them.
class FixedHeaders {
 public:
    explicit FixedHeaders(GatewayConfig const& config);

    /// For an answer over TLS or not, and to a page that may read it or not. Valid for ever.
    std::string_view lines(bool secure, bool granted) const noexcept {
        return lines_[(secure ? 2U : 0U) + (granted ? 1U : 0U)];
    }

 private:
    std::array<std::string_view, 4> lines_;
};

/// The security headers alone, for when there is no memory to find out more. Valid for ever.
std::string_view security_headers() noexcept;

}  // namespace nexpo::gateway
