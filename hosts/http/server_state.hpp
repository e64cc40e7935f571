// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "common/blocking_pool.hpp"
#include "common/log_writer.hpp"
#include "common/tls_certificates.hpp"
#include "http/body_budget.hpp"
#include "http/forwarding.hpp"
#include "http/http_settings.hpp"
#include "http/request_limits.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// What all connections of a server share.
struct ServerState {
    HttpConfig config;
    TlsConfig tls;
    RequestLimits request_limits;
    Forwarding forwarding;
    Gateway gateway;
    hosts::BlockingPool pool;
    LogConfig log_config;
    hosts::LogWriter& log;
    hosts::TlsCertificates certificates;
    BodyBudget bodies;
    std::atomic<bool> draining = false;      ///< Every response ends its connection from now on.
    std::atomic<std::size_t> connections{};  ///< Open ones, refused ones included.
    std::function<void()> on_last_closed{};  ///< Called from I/O threads while draining, when none is open.
};

}  // namespace nexpo::http_host
