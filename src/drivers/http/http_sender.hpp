// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "net/http_client.hpp"
#include "nexpo/time.hpp"

namespace nexpo::drivers {

/// What a driver sends its requests with. Unless it is given a client it makes one when the first request is sent, so
/// that a driver which is only opened starts no thread. Thread-safe.
class HttpSender {
 public:
    struct Options {
        std::shared_ptr<net::HttpClient> client{};
        std::string ca_file{};  ///< For a client of its own; empty takes the system's roots.
        std::shared_ptr<Clock> clock{};
    };

    explicit HttpSender(Options options) : options_(std::move(options)), client_(options_.client) {}

    /// Blocks until the response is there. Errors: those of `HttpClient::send` and `HttpClient::create`.
    Result<net::HttpResponse> send(net::HttpRequest request);

 private:
    Result<std::shared_ptr<net::HttpClient>> client();

    Options const options_;
    std::mutex mutex_;
    std::shared_ptr<net::HttpClient> client_;
};

}  // namespace nexpo::drivers
