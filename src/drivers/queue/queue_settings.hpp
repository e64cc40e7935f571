// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::net {
class HttpClient;
}

namespace nexpo::drivers {

struct AwsCredentials;

/// What a driver is opened with: what stands in the URL `scheme://[user:password@]host[:port][/path][?parameters]`
/// (RFC 3986), decoded.
struct QueueSettings {
    std::string scheme{};
    std::string host{};      ///< Without brackets.
    std::uint16_t port = 0;  ///< 0: the vendor's own.
    std::string user{};
    Secret password{};
    std::string path{};  ///< Without the first slash.

    // Parameters that every driver has.

    std::string queue = "nexpo";       ///< `queue`: letters, digits, `_` and `-`, up to 64.
    std::chrono::seconds lease{60};    ///< `lease`: 1 to 43200 s.
    std::int64_t max_deliveries = 10;  ///< `deliveries`: 1 to 1000; then a message is dead.
    std::string ca_file{};             ///< `ca`: PEM of the roots that TLS trusts; empty takes the system's.

    std::map<std::string, std::string> others{};  ///< Parameters of the vendor's own.

    // What the host gives beside the URL.

    std::shared_ptr<Clock> clock{};           ///< Never null.
    std::shared_ptr<Random> random{};         ///< Never null.
    std::shared_ptr<net::HttpClient> http{};  ///< Null: the driver makes one when it needs one.
    /// Asked when the URL has no credentials, at each request; whoever gives them renews and keeps them.
    std::function<Result<AwsCredentials>()> aws_credentials{};
};

/// Reads a URL. It repeats nothing of it in an error, because a password may stand in it.
/// Errors: invalid_argument, reason `queue_url_invalid`.
Result<QueueSettings> parse_queue_url(std::string_view url);

/// The error for a URL that says something a driver cannot take. `what` holds no secret.
Error queue_url_invalid(std::string what);

}  // namespace nexpo::drivers
