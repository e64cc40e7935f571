// SPDX-License-Identifier: Apache-2.0
#include "kill/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace nexpo::kill {

std::string HttpAnswer::text(std::string_view member) const {
    auto const* found = body.find(member);
    auto const* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string() : *text;
}

HttpClient::~HttpClient() {
    if (socket_ >= 0) close(socket_);
}

std::optional<HttpAnswer> HttpClient::ask(std::string_view method, std::string const& path, std::string const& headers,
                                          std::string const& body) {
    if (socket_ < 0 && !connect()) return std::nullopt;
    auto request = std::string(method) + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (!body.empty()) {
        request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    request += "\r\n" + body;
    auto answer = send(request) ? receive() : std::nullopt;
    if (!answer) {
        close(socket_);
        socket_ = -1;
        buffer_.clear();
    }
    return answer;
}

void HttpClient::pause(std::chrono::milliseconds time) const {
    pollfd ended{.fd = socket_, .events = POLLIN, .revents = 0};
    poll(&ended, 1, static_cast<int>(time.count()));
}

bool HttpClient::connect() {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const at_once = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return true;
    close(socket_);
    socket_ = -1;
    return false;
}

bool HttpClient::send(std::string_view text) const {
    while (!text.empty()) {
        auto const sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpClient::fill() {
    std::array<char, 16'384> piece;
    auto const size = recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(size));
    return true;
}

std::optional<HttpAnswer> HttpClient::receive() {
    auto end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return std::nullopt;
    }
    HttpAnswer answer{.status = std::stoi(buffer_.substr(9, 3))};
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    auto const at = buffer_.substr(0, end).find(kLength);
    auto const size = at == std::string::npos ? std::size_t{0} : std::stoul(buffer_.substr(at + kLength.size(), 10));
    while (buffer_.size() < end + 4 + size) {
        if (!fill()) return std::nullopt;
    }
    if (size > 0) answer.body = Json::parse(std::string_view(buffer_).substr(end + 4, size)).value();
    buffer_.erase(0, end + 4 + size);
    return answer;
}

}  // namespace nexpo::kill
