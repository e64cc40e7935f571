// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "drivers/queue/queue_settings.hpp"
#include "nexpo/plugin/queue.hpp"

namespace nexpo::drivers {

/// What drivers need beside the URL.
struct QueueContext {
    std::shared_ptr<Clock> clock{};           ///< Absent: the system's.
    std::shared_ptr<Random> random{};         ///< Absent: the system's.
    std::shared_ptr<net::HttpClient> http{};  ///< Absent: each queue that needs one makes its own.
    /// For `sqs://` without credentials in the URL. The library reads neither environment nor files.
    std::function<Result<AwsCredentials>()> aws_credentials{};
};

/// The queue that a URL names, such as `redis://localhost?queue=jobs`, by its scheme. Nothing is asked of the service
/// yet: a service that is not there is no error here.
/// Errors: invalid_argument (`queue_url_invalid`, which names the schemes that there are when this one is not).
Result<std::shared_ptr<Queue>> open_queue(std::string_view url, QueueContext const& context);

}  // namespace nexpo::drivers
