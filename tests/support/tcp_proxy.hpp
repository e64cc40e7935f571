// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace nexpo::inline v1::testing {

/// Passes connections to a port of this machine on to another one, until told to cut them.
class TcpProxy {
 public:
    explicit TcpProxy(std::uint16_t to) : to_(to) {
        if (pipe(wake_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        listen_at(0);
        thread_ = std::thread([this] { run(); });
    }
    TcpProxy(TcpProxy const&) = delete;
    TcpProxy& operator=(TcpProxy const&) = delete;
    ~TcpProxy() {
        tell(Wish::end);
        thread_.join();
        close_pairs();
        if (listener_ >= 0) close(listener_);
        close(wake_[0]);
        close(wake_[1]);
    }

    std::uint16_t port() const noexcept { return port_; }

    /// Ends all connections; new ones are taken only when `reachable`. Returns when that is done.
    void cut(bool reachable) { tell(reachable ? Wish::cut : Wish::refuse); }

 private:
    enum class Wish : char { end, cut, refuse };
    using Pair = std::array<int, 2>;

    static sockaddr_in local(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    void listen_at(std::uint16_t port) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int const on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        auto address = local(port);
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 64) != 0) {
            throw std::system_error(errno, std::generic_category(), "listen");
        }
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }

    void tell(Wish wish) {
        std::scoped_lock const lock(mutex_);
        int done[2];
        if (pipe(done) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        done_ = done[1];
        char byte = static_cast<char>(wish);
        if (write(wake_[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 1) throw std::runtime_error("no answer");
        close(done[0]);
        close(done[1]);
    }

    void accept_one() {
        int const client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        int const server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = local(to_);
        if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            close(client);
            close(server);
            return;
        }
        pairs_.push_back({client, server});
    }

    /// False at the end of the connection.
    static bool pass(int from, int to) {
        std::array<char, 65'536> bytes;
        auto const got = recv(from, bytes.data(), bytes.size(), 0);
        return got > 0 && send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
    }

    void close_pairs() {
        for (auto const& pair : std::exchange(pairs_, {})) {
            close(pair[0]);
            close(pair[1]);
        }
    }

    void run() {
        for (;;) {
            std::vector<pollfd> waits{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
            for (auto const& pair : pairs_) {
                waits.push_back({pair[0], POLLIN, 0});
                waits.push_back({pair[1], POLLIN, 0});
            }
            if (poll(waits.data(), waits.size(), -1) < 0) continue;
            if (waits[0].revents != 0) {
                char wish = 0;
                if (read(wake_[0], &wish, 1) != 1) return;
                if (static_cast<Wish>(wish) != Wish::end) {
                    close_pairs();
                    if (static_cast<Wish>(wish) == Wish::cut && listener_ < 0) listen_at(port_);
                    if (static_cast<Wish>(wish) == Wish::refuse && listener_ >= 0) close(std::exchange(listener_, -1));
                }
                char const done = 1;
                if (write(done_, &done, 1) != 1 || static_cast<Wish>(wish) == Wish::end) return;
                continue;
            }
            std::vector<Pair> kept;
            for (std::size_t at = 0; at < pairs_.size(); ++at) {
                auto const& pair = pairs_[at];
                bool const open = (waits[2 + 2 * at].revents == 0 || pass(pair[0], pair[1])) &&
                                  (waits[3 + 2 * at].revents == 0 || pass(pair[1], pair[0]));
                if (open) {
                    kept.push_back(pair);
                } else {
                    close(pair[0]);
                    close(pair[1]);
                }
            }
            pairs_ = std::move(kept);
            if (waits[1].revents != 0) accept_one();
        }
    }

    std::uint16_t const to_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::array<int, 2> wake_{};
    std::mutex mutex_;  ///< One wish at a time.
    int done_ = -1;
    std::vector<Pair> pairs_;
    std::thread thread_;
};

}  // namespace nexpo::inline v1::testing
