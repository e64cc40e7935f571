// SPDX-License-Identifier: Apache-2.0
#include "load/connection.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace nexpo::bench {

namespace {

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Connection::Connection(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        auto const error = errno;
        ::close(descriptor_);
        errno = error;
        fail("connect");
    }
    int const on = 1;
    (void)::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // without it requests are only later
}

Connection::~Connection() {
    ::close(descriptor_);
}

void Connection::send(std::string_view request, Clock::time_point due) {
    due_ = due;
    filled_ = 0;
    auto const sent = ::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("send");
    if (static_cast<std::size_t>(sent) != request.size()) throw std::runtime_error("a request was not taken at once");
}

std::optional<ResponseSpan> Connection::receive() {
    if (filled_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    auto const count = ::recv(descriptor_, buffer_.data() + filled_, buffer_.size() - filled_, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (count < 0) fail("recv");
    if (count == 0) throw std::runtime_error("the server closed a connection");
    filled_ += static_cast<std::size_t>(count);
    auto const response = read_response(std::string_view(buffer_).substr(0, filled_));
    if (response && response->size != filled_) throw std::runtime_error("more than one response to a request");
    return response;
}

}  // namespace nexpo::bench
