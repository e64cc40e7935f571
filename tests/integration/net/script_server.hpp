// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/http_message.hpp"

namespace nexpo::net {

/// What a client sent.
struct Received {
    std::string method;
    std::string target;
    HttpHeaders headers;
    std::string body;

    std::string header(std::string_view name) const {
        auto const* value = find_header(headers, name);
        return value == nullptr ? "(none)" : *value;
    }
};

/// The server's end of one connection.
class Peer {
 public:
    Peer(int socket, int number) : socket_(socket), number_(number) {}

    /// How many connections came before this one.
    int number() const noexcept { return number_; }

    /// The next request; nothing when the client has closed. Fails the test for what is not strict HTTP/1.1.
    std::optional<Received> read() {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) return std::nullopt;
        }
        std::string const head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        auto received = parse(head);
        auto const* length = find_header(received.headers, "Content-Length");
        std::size_t const size = length == nullptr ? 0 : std::stoul(*length);
        while (buffer_.size() < size) {
            if (!receive()) return std::nullopt;
        }
        received.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return received;
    }

    /// False when the client is gone.
    bool write(std::string_view text) {
        while (!text.empty()) {
            auto const sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    bool answer(int status, std::string_view body = "", std::string_view headers = "") {
        return write("HTTP/1.1 " + std::to_string(status) + " Said\r\n" + std::string(headers) +
                     "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    }

    /// Until the client closes; what it sends is thrown away.
    void wait_for_close() {
        while (receive()) buffer_.clear();
    }

 private:
    bool receive() {
        char chunk[4096];
        for (;;) {
            auto const size = ::recv(socket_, chunk, sizeof chunk, 0);
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) return false;
            buffer_.append(chunk, static_cast<std::size_t>(size));
            return true;
        }
    }

    static Received parse(std::string_view head) {
        Received received;
        auto const line_end = head.find("\r\n");
        auto const line = head.substr(0, line_end);
        auto const first = line.find(' ');
        auto const last = line.rfind(' ');
        EXPECT_EQ(line.substr(last + 1), "HTTP/1.1");
        received.method = line.substr(0, first);
        received.target = line.substr(first + 1, last - first - 1);
        EXPECT_EQ(received.target.find(' '), std::string::npos);
        head.remove_prefix(line_end + 2);
        while (!head.empty()) {
            auto const end = head.find("\r\n");
            auto const colon = head.find(':');
            EXPECT_LT(colon, end) << "not a header: " << head.substr(0, end);
            if (colon >= end) break;
            auto value = head.substr(colon + 1, end - colon - 1);
            EXPECT_TRUE(value.empty() || value.starts_with(' '));
            if (!value.empty()) value.remove_prefix(1);
            received.headers.push_back({.name = std::string(head.substr(0, colon)), .value = std::string(value)});
            head.remove_prefix(end + 2);
        }
        EXPECT_EQ(std::ranges::count(received.headers, "Host", &HttpHeader::name), 1);
        EXPECT_EQ(find_header(received.headers, "Transfer-Encoding"), nullptr);
        return received;
    }

    int socket_;
    int number_;
    std::string buffer_;
};

/// Accepts connections on a free port of every IPv4 address and runs a script on each, on a thread of its own.
class ScriptServer {
 public:
    explicit ScriptServer(std::function<void(Peer&)> script) : script_(std::move(script)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, 256) != 0 ||
            ::getsockname(listener_, any, &size) != 0) {
            throw std::system_error(errno, std::generic_category(), "listen");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ScriptServer(ScriptServer const&) = delete;
    ScriptServer& operator=(ScriptServer const&) = delete;
    ~ScriptServer() {
        stop();
        for (auto& connection : connections_) connection.thread.join();
        ::close(listener_);
    }

    /// No more connections; those that are open are cut.
    void stop() {
        ::shutdown(listener_, SHUT_RDWR);
        if (acceptor_.joinable()) acceptor_.join();
        std::lock_guard const lock(mutex_);
        for (auto& connection : connections_) {
            if (connection.socket >= 0) ::shutdown(connection.socket, SHUT_RDWR);
        }
    }

    int port() const noexcept { return port_; }
    std::string url(std::string const& path = "/", std::string const& host = "127.0.0.1") const {
        return "http://" + host + ':' + std::to_string(port_) + path;
    }
    int connections() const noexcept { return accepted_.load(); }

 private:
    struct Connection {
        int socket;
        std::thread thread{};
    };

    void accept_all() {
        for (;;) {
            int const socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0 && errno == EINTR) continue;
            if (socket < 0) return;
            int const number = accepted_.fetch_add(1);
            std::lock_guard const lock(mutex_);
            auto& connection = connections_.emplace_back(Connection{.socket = socket});
            connection.thread = std::thread([this, &connection, number] {
                Peer peer(connection.socket, number);
                script_(peer);
                std::lock_guard const closing(mutex_);
                ::close(std::exchange(connection.socket, -1));
            });
        }
    }

    std::function<void(Peer&)> script_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> accepted_{0};
    std::mutex mutex_;
    std::list<Connection> connections_;
    std::thread acceptor_;
};

}  // namespace nexpo::net
