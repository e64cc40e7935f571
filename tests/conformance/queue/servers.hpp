// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace nexpo::inline v1::testing {

/// The directory of a server that CTest has started: NEXPO_TEST_QUEUES says where they are.
inline std::string server_directory(std::string const& server) {
    auto const* directory = std::getenv("NEXPO_TEST_QUEUES");
    return (directory != nullptr ? directory : "no ") + server;
}

inline std::uint16_t port_of(std::string const& server) {
    int port = 0;
    std::ifstream(server_directory(server) + "/port") >> port;
    if (port == 0) throw std::runtime_error("there is no " + server + "; run the test with ctest");
    return static_cast<std::uint16_t>(port);
}

/// A name that no other test has.
inline std::string fresh_name() {
    static std::atomic<int> count = 0;
    return "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace nexpo::inline v1::testing
