// SPDX-License-Identifier: Apache-2.0
#include "http/listen_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace nexpo::http_host {

namespace {

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

Error failure(std::string const& address, std::uint16_t port, int number) {
    auto const where = address + " port " + std::to_string(port);
    if (number == EADDRINUSE) return {Errc::unavailable, "port_taken", where + " is taken by another program"};
    return {Errc::unavailable, "cannot_listen",
            "cannot listen on " + where + ": " + std::generic_category().message(number)};
}

}  // namespace

ListenSocket::ListenSocket(int descriptor, std::string address, bool is_v6, std::uint16_t port)
    : descriptor_(descriptor), address_(std::move(address)), is_v6_(is_v6), port_(port) {}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      address_(std::move(other.address_)),
      is_v6_(other.is_v6_),
      port_(other.port_) {}

ListenSocket::~ListenSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<ListenSocket> ListenSocket::open(std::string const& address, std::uint16_t port) {
    Address bound{};
    bool const is_v6 = ::inet_pton(AF_INET6, address.c_str(), &bound.v6.sin6_addr) == 1;
    if (is_v6) {
        bound.v6.sin6_family = AF_INET6;
        bound.v6.sin6_port = htons(port);
    } else {
        bound.v4.sin_family = AF_INET;
        bound.v4.sin_port = htons(port);
        if (::inet_pton(AF_INET, address.c_str(), &bound.v4.sin_addr) != 1) {
            return Error{Errc::invalid_argument, "address_malformed", address + " is not an IP address"};
        }
    }

    int const descriptor = ::socket(bound.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return failure(address, port, errno);
    ListenSocket socket(descriptor, address, is_v6, port);

    int const on = 1;
    int const off = 0;
    socklen_t size = is_v6 ? sizeof bound.v6 : sizeof bound.v4;
    bool const listening = ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                           (!is_v6 || ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
                           ::bind(descriptor, &bound.any, size) == 0 && ::listen(descriptor, SOMAXCONN) == 0 &&
                           ::getsockname(descriptor, &bound.any, &size) == 0;
    if (!listening) return failure(address, port, errno);
    socket.port_ = ntohs(is_v6 ? bound.v6.sin6_port : bound.v4.sin_port);
    return socket;
}

void ListenSocket::detect_lost_clients(std::int64_t seconds) {
    constexpr int kSilence = 45;
    constexpr int kInterval = 5;
    constexpr int kProbes = 3;
    int const on = 1;
    auto const unreceived = static_cast<unsigned>(seconds * 1000);
    // Accepted sockets inherit these. A system that does not know one of them has its own ways and longer times.
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)::setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPIDLE, &kSilence, sizeof kSilence);
    (void)::setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPINTVL, &kInterval, sizeof kInterval);
    (void)::setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPCNT, &kProbes, sizeof kProbes);
    (void)::setsockopt(descriptor_, IPPROTO_TCP, TCP_USER_TIMEOUT, &unreceived, sizeof unreceived);
}

int ListenSocket::release() {
    return std::exchange(descriptor_, -1);
}

std::string ListenSocket::url(std::string_view scheme) const {
    std::string host = is_v6_ ? '[' + address_ + ']' : address_;
    if (address_ == "0.0.0.0") host = "127.0.0.1";
    if (address_ == "::") host = "[::1]";
    return std::string(scheme) + "://" + host + ':' + std::to_string(port_);
}

bool ignore_new_connections(int descriptor) {
    // A filter on a listening TCP socket sees packets from the TCP header on. Byte 13 holds the flags (RFC 9293 section
    // 3.1): drop what has SYN.
    std::array<sock_filter, 4> program = {{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    }};
    sock_fprog const filter{.len = program.size(), .filter = program.data()};
    return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace nexpo::http_host
