// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"

namespace nexpo::kill {

struct HttpAnswer {
    int status = 0;
    Json body{};

    /// A member that is text; empty when there is none.
    std::string text(std::string_view member) const;
};

/// One connection to a server on this machine, kept open. Used by one thread.
class HttpClient {
 public:
    explicit HttpClient(int port) : port_(port) {}
    HttpClient(HttpClient const&) = delete;
    HttpClient& operator=(HttpClient const&) = delete;
    ~HttpClient();

    /// Sends a request and waits for the whole answer; nothing when the server is gone before that.
    /// `headers` are whole lines, each with its line end.
    std::optional<HttpAnswer> ask(std::string_view method, std::string const& path, std::string const& headers,
                                  std::string const& body);
    /// Waits for so long, or until the server ends the connection.
    void pause(std::chrono::milliseconds time) const;

 private:
    bool connect();
    bool send(std::string_view text) const;
    bool fill();
    std::optional<HttpAnswer> receive();

    int port_;
    int socket_ = -1;
    std::string buffer_;
};

}  // namespace nexpo::kill
