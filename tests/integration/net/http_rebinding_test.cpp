// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "nexpo/testing/clock.hpp"
#include "script_server.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

constexpr char const* kPublic = "93.184.216.34";
constexpr int kCannotIsolate = 77;

/// Puts this process into a network of its own, which has a loopback interface and nothing else. The super-user may;
/// others in a user namespace of their own, where the system lets them.
bool isolate() {
    return ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0;
}

/// Gives the interface an address and switches it on.
bool give_address(char const* interface, char const* address) {
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
bool replace_file(std::string const& path, std::string const& other) {
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount(other.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

/// A name server (RFC 1035) on port 53 that answers each question for an IPv4 address with the next of its list, valid
/// for no time at all, and knows no other kind of record.
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
            auto const reply = answer(packet.substr(0, static_cast<std::size_t>(length)));
            ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), size);
        }
    }

    std::string answer(std::string const& question) {
        auto const name_end = question.find('\0', 12);
        bool const wants_v4 = question.at(name_end + 2) == 1;
        std::string reply = question.substr(0, 2);  // its id
        reply += {'\x81', '\x80', 0, 1, 0, static_cast<char>(wants_v4 ? 1 : 0), 0, 0, 0, 0};
        reply += question.substr(12, name_end + 5 - 12);
        if (!wants_v4) return reply;
        auto const& text = answers_.at(std::min(next_.fetch_add(1), answers_.size() - 1));
        reply += {'\xC0', 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4};  // the name above, A, IN, no seconds, 4 bytes
        auto const address = IpAddress::parse(text).value();
        for (std::size_t i = 0; i < 4; ++i) reply += static_cast<char>(address.bytes()[i]);
        return reply;
    }

    std::vector<std::string> answers_;
    std::atomic<std::size_t> next_{0};
    int socket_ = -1;
    std::thread thread_;
};

/// The whole way with nothing replaced: the system's resolver asks a hostile name server, whose first answer is a
/// public address and whose second one is this machine.
void rebind(testing::TempDir const& directory) {
    ASSERT_TRUE(give_address("lo", "127.0.0.1"));
    ASSERT_TRUE(give_address("lo:1", kPublic));
    ASSERT_TRUE(replace_file("/etc/resolv.conf", directory.file("resolv.conf")));
    ASSERT_TRUE(replace_file("/etc/nsswitch.conf", directory.file("nsswitch.conf")));
    NameServer const names({kPublic, "127.0.0.1"});
    ScriptServer const server([](Peer& peer) {
        while (peer.read()) peer.answer(200);
    });
    auto const client = HttpClient::create({.resolving = {.keep_for = std::chrono::milliseconds(0)}}).value();
    HttpRequest const request{.url = server.url("/", "rebind.test")};
    EXPECT_EQ(reason(client->send(request)), "status 200");
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(reason(client->send(request)), "address_refused");
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(names.answered(), 2);
    auto operators = request;
    operators.source = UrlSource::configuration;
    EXPECT_EQ(reason(client->send(operators)), "status 200") << "only the guard was in the way";
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpRebinding, DoesNotPassTheGuard) {
    testing::TempDir const directory;  // in a user namespace there is nobody to own new files
    std::ofstream(directory.file("resolv.conf")) << "nameserver 127.0.0.1\n";
    std::ofstream(directory.file("nsswitch.conf")) << "hosts: dns\n";
    testing::ChildProcess child([&directory] {
        if (!isolate()) _exit(kCannotIsolate);
        rebind(directory);
    });
    int const status = child.wait();
    if (status == kCannotIsolate) GTEST_SKIP() << "this system gives no network namespace";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nexpo::net
