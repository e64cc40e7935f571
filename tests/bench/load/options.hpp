// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace nexpo::bench {

/// What to send, and how much of it.
struct LoadOptions {
    std::uint16_t port = 0;                 ///< On 127.0.0.1.
    std::size_t connections = 64;           ///< Kept alive.
    std::chrono::duration<double> time{1};  ///< How long requests are begun.
    std::chrono::duration<double> warm{0};  ///< How long before that, uncounted.
    double rate = 0;                        ///< Requests per second whatever the answers do; 0: as fast as answered.
    std::size_t requests = 0;               ///< Ends after so many, whatever the time; 0: no end.
    std::string method = "GET";             ///< In upper case.
    std::string target = "/";               ///< Path and query.
    std::string headers;                    ///< Lines that end in CRLF.
    std::string body;                       ///< `{random}` becomes 16 digits that no other request has.
};

/// What the command line says. Throws std::invalid_argument.
LoadOptions read_options(std::span<char const* const> arguments);

/// For --help.
char const* usage();

}  // namespace nexpo::bench
