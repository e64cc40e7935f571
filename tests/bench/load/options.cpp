// SPDX-License-Identifier: Apache-2.0
#include "load/options.hpp"

#include <limits>
#include <stdexcept>
#include <string_view>

namespace nexpo::bench {

namespace {

std::uint16_t port_of(std::string const& text) {
    auto const number = std::stoul(text);
    if (number == 0 || number > std::numeric_limits<std::uint16_t>::max()) throw std::invalid_argument("no port");
    return static_cast<std::uint16_t>(number);
}

void set(LoadOptions& options, std::string_view name, std::string const& value) {
    if (name == "--port") {
        options.port = port_of(value);
    } else if (name == "--connections") {
        options.connections = std::stoul(value);
    } else if (name == "--seconds") {
        options.time = std::chrono::duration<double>(std::stod(value));
    } else if (name == "--warm") {
        options.warm = std::chrono::duration<double>(std::stod(value));
    } else if (name == "--rate") {
        options.rate = std::stod(value);
    } else if (name == "--requests") {
        options.requests = std::stoul(value);
    } else if (name == "--method") {
        options.method = value;
    } else if (name == "--target") {
        options.target = value;
    } else if (name == "--header") {
        options.headers += value + "\r\n";
    } else if (name == "--body") {
        options.body = value;
    } else {
        throw std::invalid_argument("unknown option " + std::string(name));
    }
}

}  // namespace

char const* usage() {
    return "Usage: nexpo_bench_load --port N [--connections N] [--seconds S] [--warm S] [--rate R] [--requests N]\n"
           "                        [--method M] [--target T] [--header 'Name: value']... [--body TEXT]\n"
           "\n"
           "Sends HTTP requests to 127.0.0.1 over connections that it keeps, and writes what came back as one line of\n"
           "JSON. With --rate a request's time runs from the moment at which it was due, so that a server that falls\n"
           "behind cannot hide it. {random} in the body becomes 16 digits.\n";
}

LoadOptions read_options(std::span<char const* const> arguments) {
    LoadOptions options;
    for (; arguments.size() >= 2; arguments = arguments.subspan(2)) set(options, arguments[0], arguments[1]);
    if (!arguments.empty() || options.port == 0 || options.connections == 0) throw std::invalid_argument(usage());
    return options;
}

}  // namespace nexpo::bench
