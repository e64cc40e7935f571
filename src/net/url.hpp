// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::net {

/// An absolute http or https URL, read by the parser that also connects, so that both see the same host.
struct Url {
    std::string text{};  ///< Normalized, without fragment.
    bool secure = false;
    std::string host{};  ///< Lower case, without brackets and without the root's dot.
    std::uint16_t port = 0;

    /// Scheme, host and port: what credentials and circuits belong to (RFC 6454 section 4).
    std::string origin() const;
};

/// Errors: invalid_argument with reason `url_invalid`.
Result<Url> parse_url(std::string_view text);

/// What `reference`, absolute or relative (RFC 3986 section 5), means in a document at `base`.
/// Errors: invalid_argument with reason `url_invalid`.
Result<Url> resolve_url(Url const& base, std::string_view reference);

/// Who is asked to pass requests on.
struct Proxy {
    Url url{};
    std::string user{};
    std::string password{};
};

/// `http://` or `https://`, perhaps user information, a host and a port, which is 1080, or 443 with https, unless
/// given. Errors: invalid_argument with reason `url_invalid`.
Result<Proxy> parse_proxy(std::string_view text);

}  // namespace nexpo::net
