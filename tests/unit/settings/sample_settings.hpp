// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::hosts::sample {

enum class Colour : std::uint8_t { red, green };

constexpr std::array<std::string_view, 2> enum_names(Colour) {
    return {"red", "green"};
}

struct Shared {
    std::string database = "sqlite:app.db";
    Secret key{};
};

struct Server {
    std::string address = "127.0.0.1";
    std::int64_t port = 8080;
    std::uint8_t small = 7;
    double rate = 0.5;
    bool verbose = false;
    Colour colour = Colour::red;
    std::vector<std::string> peers{};
};

struct Settings {
    Shared shared{};
    Server server{};
};

inline StructType describe(Type<Shared>) {
    return structure<Shared>("Shared", field("database", &Shared::database).required().doc("Where the data is."),
                             field("key", &Shared::key).doc("Opens the data."));
}

inline StructType describe(Type<Server>) {
    return structure<Server>("Server", field("address", &Server::address).doc("Where to listen."),
                             field("port", &Server::port).min(0).max(65'535).doc("Port."),
                             field("small", &Server::small), field("rate", &Server::rate),
                             field("verbose", &Server::verbose), field("colour", &Server::colour),
                             field("peers", &Server::peers).max(2).format(Format::uri).doc("Who may call."));
}

inline StructType describe(Type<Settings>) {
    return structure<Settings>("Settings", field("", &Settings::shared), field("server", &Settings::server));
}

}  // namespace nexpo::hosts::sample
