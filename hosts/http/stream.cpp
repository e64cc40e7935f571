// SPDX-License-Identifier: Apache-2.0
#include "http/stream.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace nexpo::http_host {

namespace {

constexpr std::size_t kDropped = 65'536;

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

iovec part(std::string_view text) {
    return {const_cast<char*>(text.data()), text.size()};
}

void take(std::string_view& text, std::size_t& count) {
    auto const taken = std::min(text.size(), count);
    text.remove_prefix(taken);
    count -= taken;
}

}  // namespace

Stream::Stream(Socket socket, std::shared_ptr<hosts::TlsContext const> const& tls) : socket_(std::move(socket)) {
    if (tls) tls_ = std::make_unique<TlsSession>(tls, socket_.native_handle());
}

bool Stream::hears_plain_text() {
    unsigned char first = 0;
    if (::recv(socket_.native_handle(), &first, 1, MSG_PEEK) != 1) return false;
    // A method begins with a letter, a TLS record with a number below 32 (RFC 8446 section 5.1).
    return first >= 'A' && first <= 'Z';
}

Step Stream::shake_hands() {
    return socket_.is_open() ? tls_->shake_hands() : Step::failed;
}

Step Stream::read(void* to, std::size_t size, std::size_t& count) {
    if (!tls_) return read_plain(to, size, count);
    // Once the socket is closed its number may belong to another one.
    return socket_.is_open() ? tls_->read(to, size, count) : Step::failed;
}

Step Stream::read_plain(void* to, std::size_t size, std::size_t& count) {
    auto const got = ::recv(socket_.native_handle(), to, size, 0);
    count = got > 0 ? static_cast<std::size_t>(got) : 0;
    if (got > 0) return Step::done;
    if (got == 0) return Step::ended;
    return would_block() ? Step::wait_to_read : Step::failed;
}

Step Stream::write(Output& output) {
    if (!tls_) return write_plain(output);
    auto const step = write_secure(output.head);
    return step == Step::done ? write_secure(output.body) : step;
}

Step Stream::write_plain(Output& output) {
    while (!output.head.empty() || !output.body.empty()) {
        std::array<iovec, 2> parts = {part(output.head), part(output.body)};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        auto const sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        if (sent < 0) return would_block() ? Step::wait_to_write : Step::failed;
        auto count = static_cast<std::size_t>(sent);
        take(output.head, count);
        take(output.body, count);
    }
    return Step::done;
}

Step Stream::write_secure(std::string_view& text) {
    while (!text.empty()) {
        if (!socket_.is_open()) return Step::failed;
        std::size_t count = 0;
        auto const step = tls_->write(text.data(), text.size(), count);
        if (step != Step::done) return step;
        text.remove_prefix(count);
    }
    return Step::done;
}

bool Stream::has_input() {
    if (has_pending()) return true;
    char byte = 0;
    return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK) == 1;
}

Stream::Condition Stream::condition() {
    pollfd socket{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
    if (::poll(&socket, 1, 0) <= 0) return Condition::fine;
    return (socket.revents & (POLLERR | POLLHUP)) != 0 ? Condition::lost : Condition::half_closed;
}

void Stream::end() {
    if (!socket_.is_open()) return;
    if (tls_) tls_->close();
    ::shutdown(socket_.native_handle(), SHUT_WR);
}

Step Stream::drop_input() {
    // With MSG_TRUNC TCP copies nothing (tcp(7)).
    auto const got = ::recv(socket_.native_handle(), nullptr, kDropped, MSG_TRUNC);
    if (got > 0) return Step::done;
    return got < 0 && would_block() ? Step::wait_to_read : Step::ended;
}

void Stream::cancel() {
    boost::system::error_code ignored;  // A socket that is closed already has nothing to interrupt.
    socket_.cancel(ignored);
}

void Stream::close() {
    boost::system::error_code ignored;  // The descriptor is released whatever close answers.
    socket_.close(ignored);
}

}  // namespace nexpo::http_host
