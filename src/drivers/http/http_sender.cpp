// SPDX-License-Identifier: Apache-2.0
#include "drivers/http/http_sender.hpp"

#include <utility>

namespace nexpo::drivers {

Result<net::HttpResponse> HttpSender::send(net::HttpRequest request) {
    auto const with = client();
    if (!with) return with.error();
    return (*with)->send(std::move(request));
}

Result<std::shared_ptr<net::HttpClient>> HttpSender::client() {
    std::lock_guard const lock(mutex_);
    if (!client_) {
        auto made = net::HttpClient::create({.ca_file = options_.ca_file, .clock = options_.clock});
        if (!made) return std::move(made).error();
        client_ = std::move(*made);
    }
    return client_;
}

}  // namespace nexpo::drivers
