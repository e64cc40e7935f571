// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "nexpo/error.hpp"

/// The errors of the client, one maker each. No message quotes a URL, a header or a body.
namespace nexpo::net {

Error url_invalid(std::string message);
Error request_invalid(std::string message);
Error address_refused();
Error name_not_resolved();
Error connect_failed();
Error tls_failed();
Error proxy_failed();
Error connection_lost();
Error response_invalid();
Error response_too_large();
Error request_broke();
Error timed_out();
Error cancelled();
Error client_closed();
Error client_busy();
Error circuit_open(std::chrono::milliseconds retry_after);
Error redirect_refused(std::string message);
Error options_invalid(std::string message);

}  // namespace nexpo::net
