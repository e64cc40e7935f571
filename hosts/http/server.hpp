// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/log_writer.hpp"
#include "common/tls_context.hpp"
#include "http/http_settings.hpp"
#include "http/listen_socket.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::http_host {

/// Serves a backend over HTTP until SIGTERM or SIGINT; then answers every request that has come in, closes the backend
/// and returns. `http.drain_seconds` later it returns in any case. A second signal ends the process at once. `announce`
/// is called once signals are caught. With `tls` it speaks HTTPS, and looks for new certificates in the files' place.
void serve(HttpSettings const& settings, Backend const& backend, ListenSocket listener,
           std::shared_ptr<hosts::TlsContext const> tls, hosts::LogWriter& log, std::function<void()> const& announce);

}  // namespace nexpo::http_host
