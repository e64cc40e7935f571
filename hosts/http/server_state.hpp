// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "http/blocking_pool.hpp"
#include "http/http_settings.hpp"
#include "http/log_writer.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// What all connections of a server share.
struct ServerState {
    HttpConfig config;
    std::size_t body_bytes;  ///< Longest request body, as it is sent.
    Gateway gateway;
    BlockingPool pool;
    LogConfig log_config;
    LogWriter& log;
    std::atomic<bool> draining = false;      ///< Every response ends its connection from now on.
    std::atomic<std::size_t> connections{};  ///< Open ones, refused ones included.
    std::function<void()> on_last_closed{};  ///< Called from I/O threads while draining, when none is open.
};

}  // namespace nexpo::http_host
