// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace nexpo::inline v1::testing {

/// For a server that a test starts itself.
inline std::string free_port() {
    auto const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    bool const bound = bind(listener, at, size) == 0 && getsockname(listener, at, &size) == 0;
    close(listener);
    if (!bound) throw std::runtime_error("there is no free port");
    return std::to_string(ntohs(address.sin_port));
}

}  // namespace nexpo::inline v1::testing
