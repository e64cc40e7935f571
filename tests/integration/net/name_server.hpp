// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/ip_address.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"
#include "test_client.hpp"

namespace nexpo::net {

inline constexpr char const* kPublic = "93.184.216.34";
inline constexpr int kCannotIsolate = 77;

/// Puts this process into a network of its own, which has a loopback interface and nothing else. The super-user may;
/// others in a user namespace of their own, where the system lets them.
inline bool isolate() {
    return ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0;
}

/// Gives the interface an address and switches it on.
inline bool give_address(char const* interface, char const* address) {
    int const socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
    auto& v4 = reinterpret_cast<sockaddr_in&>(request.ifr_addr);
    v4.sin_family = AF_INET;
    inet_pton(AF_INET, address, &v4.sin_addr);
    bool good = ::ioctl(socket, SIOCSIFADDR, &request) == 0;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    good = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0 && good;
    ::close(socket);
    return good;
}

/// Shows another file instead, to this process only.
inline bool replace_file(std::string const& path, std::string const& other) {
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount(other.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// Lets names be asked for from this machine only.
inline bool replace_names(testing::TempDir const& directory) {
    return give_address("lo", "127.0.0.1") && give_address("lo:1", kPublic) &&
           replace_file("/etc/resolv.conf", directory.file("resolv.conf")) &&
           replace_file("/etc/nsswitch.conf", directory.file("nsswitch.conf"));
}

/// The exit status of a process with a network of its own, or kCannotIsolate.
inline int run_isolated(void (*run)(testing::TempDir const&)) {
    testing::TempDir const directory;  // in a user namespace there is nobody to own new files
    std::ofstream(directory.file("resolv.conf")) << "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
    std::ofstream(directory.file("nsswitch.conf")) << "hosts: dns\n";
    testing::ChildProcess child([&directory, run] {
        if (!isolate()) _exit(kCannotIsolate);
        run(directory);
    });
    return child.wait();
}

/// A name server (RFC 1035) on port 53 that answers each question for an IPv4 address with the next of its list, valid
/// for no time at all, and knows no other kind of record. Names that begin with `slow` wait until they are released.
class NameServer {
 public:
    explicit NameServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
        socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(53);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::system_error(errno, std::generic_category(), "bind");
        }
        thread_ = std::thread([this] { serve(); });
    }
    NameServer(NameServer const&) = delete;
    NameServer& operator=(NameServer const&) = delete;
    ~NameServer() {
        ::shutdown(socket_, SHUT_RDWR);  // wakes the thread, though it answers an error on such a socket
        thread_.join();
        ::close(socket_);
    }

    /// Answers what waits.
    void release() {
        std::lock_guard const lock(mutex_);
        for (auto const& [client, reply] : std::exchange(held_, {})) send(client, reply);
    }

    Mailbox<std::string> asked;  ///< The names of the questions that are answered with an address.

    int answered() const noexcept { return static_cast<int>(next_.load()); }

 private:
    void serve() {
        std::string packet(512, '\0');
        for (;;) {
            sockaddr_in client{};
            socklen_t size = sizeof client;
            auto const length =
                ::recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&client), &size);
            if (length <= 12) return;
            auto const question = packet.substr(0, static_cast<std::size_t>(length));
            auto const reply = answer(question);
            std::lock_guard const lock(mutex_);
            if (question.substr(13).starts_with("slow")) {
                held_.emplace_back(client, reply);
            } else {
                send(client, reply);
            }
            if (wants_v4(question)) asked.put(name(question));
        }
    }

    void send(sockaddr_in client, std::string const& reply) const {
        ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), sizeof client);
    }

    static bool wants_v4(std::string const& question) { return question.at(question.find('\0', 12) + 2) == 1; }

    static std::string name(std::string const& question) {
        std::string name;
        for (std::size_t at = 12; question.at(at) != 0; at += static_cast<std::size_t>(question.at(at)) + 1) {
            if (!name.empty()) name += '.';
            name += question.substr(at + 1, static_cast<std::size_t>(question.at(at)));
        }
        return name;
    }

    std::string answer(std::string const& question) {
        auto const name_end = question.find('\0', 12);
        bool const has_address = wants_v4(question);
        std::string reply = question.substr(0, 2);  // its id
        reply += {'\x81', '\x80', 0, 1, 0, static_cast<char>(has_address ? 1 : 0), 0, 0, 0, 0};
        reply += question.substr(12, name_end + 5 - 12);
        if (!has_address) return reply;
        auto const& text = answers_.at(std::min(next_.fetch_add(1), answers_.size() - 1));
        reply += {'\xC0', 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4};  // the name above, A, IN, no seconds, 4 bytes
        auto const address = IpAddress::parse(text).value();
        for (std::size_t i = 0; i < 4; ++i) reply += static_cast<char>(address.bytes()[i]);
        return reply;
    }

    std::vector<std::string> answers_;
    std::atomic<std::size_t> next_{0};
    int socket_ = -1;
    std::mutex mutex_;
    std::vector<std::pair<sockaddr_in, std::string>> held_;
    std::thread thread_;
};

}  // namespace nexpo::net
