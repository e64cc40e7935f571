// SPDX-License-Identifier: Apache-2.0
// nexpo_bench_grpc_load PORT PATH MESSAGE_HEX TOKEN CONNECTIONS CALLS SECONDS WARM: offers unary calls of gRPC, so many
// at a time on each connection, and prints how many were answered per second. gRPC's own client takes more time than
// its server does, and would measure itself.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "grpc/frames.hpp"

namespace nexpo::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFrameHeader = 9;
constexpr std::uint32_t kWindowStep = 1 << 20;

struct Counts {
    std::uint64_t answered = 0;
    std::uint64_t with_message = 0;
};

class Connection {
 public:
    Connection(std::uint16_t port, Frames frames, int calls) : frames_(std::move(frames)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot connect");
        }
        int const on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        out_ = Frames::preface();
        for (int i = 0; i < calls; ++i) begin_call();
        flush();
    }
    ~Connection() { ::close(socket_); }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    int socket() const { return socket_; }

    /// Takes what has come, and calls again for each answer.
    void receive(Counts& counts) {
        std::array<char, 65'536> piece;
        auto const size = ::recv(socket_, piece.data(), piece.size(), 0);
        if (size <= 0) throw std::runtime_error("the server has gone");
        in_.append(piece.data(), static_cast<std::size_t>(size));
        std::size_t at = 0;
        while (in_.size() - at >= kFrameHeader) {
            auto const length = number(at, 3);
            if (in_.size() - at < kFrameHeader + length) break;
            take(static_cast<std::uint8_t>(in_[at + 3]), static_cast<std::uint8_t>(in_[at + 4]),
                 std::string_view(in_).substr(at + kFrameHeader, length), counts);
            at += kFrameHeader + length;
        }
        in_.erase(0, at);
        flush();
    }

 private:
    std::uint32_t number(std::size_t at, std::size_t bytes) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(in_[at + i]);
        return value;
    }

    void take(std::uint8_t type, std::uint8_t flags, std::string_view payload, Counts& counts) {
        constexpr std::uint8_t kData = 0;
        constexpr std::uint8_t kHeaders = 1;
        constexpr std::uint8_t kSettings = 4;
        constexpr std::uint8_t kPing = 6;
        constexpr std::uint8_t kGoAway = 7;
        if (type == kData) {
            ++counts.with_message;
            window_ += static_cast<std::uint32_t>(payload.size());
            if (window_ >= kWindowStep) Frames::append_window(out_, std::exchange(window_, 0));
        } else if (type == kHeaders && (flags & 1) != 0) {
            ++counts.answered;
            begin_call();
        } else if (type == kSettings && (flags & 1) == 0) {
            Frames::append_frame(out_, kSettings, 1, 0, {});
        } else if (type == kPing && (flags & 1) == 0) {
            Frames::append_frame(out_, kPing, 1, 0, payload);
        } else if (type == kGoAway) {
            throw std::runtime_error("the server wants no more");
        }
    }

    void begin_call() {
        frames_.append_call(out_, stream_);
        stream_ += 2;
    }

    void flush() {
        while (!out_.empty()) {
            auto const sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("the server has gone");
            out_.erase(0, static_cast<std::size_t>(sent));
        }
    }

    int socket_ = -1;
    Frames frames_;
    std::uint32_t stream_ = 1;
    std::uint32_t window_ = 0;
    std::string in_;
    std::string out_;
};

std::string from_hex(std::string const& hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return out;
}

double processor_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    auto const seconds = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run(std::vector<std::string> const& arguments) {
    if (arguments.size() != 8)
        throw std::runtime_error("wants PORT PATH MESSAGE_HEX TOKEN CONNECTIONS CALLS SECONDS WARM");
    auto const port = static_cast<std::uint16_t>(std::stoi(arguments[0]));
    Frames::Headers headers{{":method", "POST"},          {":scheme", "http"},
                            {":path", arguments[1]},      {":authority", "127.0.0.1:" + arguments[0]},
                            {"te", "trailers"},           {"content-type", "application/grpc"},
                            {"user-agent", "nexpo-bench"}};
    if (!arguments[3].empty()) headers.emplace_back("authorization", "Bearer " + arguments[3]);
    Frames const frames(headers, from_hex(arguments[2]));
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<pollfd> polled;
    for (int i = 0; i < std::stoi(arguments[4]); ++i) {
        connections.push_back(std::make_unique<Connection>(port, frames, std::stoi(arguments[5])));
        polled.push_back({.fd = connections.back()->socket(), .events = POLLIN, .revents = 0});
    }
    Counts counts;
    auto const go_on = [&](double seconds) {
        auto const end =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
        while (Clock::now() < end) {
            constexpr int kPatience = 10'000;
            if (::poll(polled.data(), polled.size(), kPatience) <= 0)
                throw std::runtime_error("no answer for ten seconds");
            for (std::size_t i = 0; i < polled.size(); ++i) {
                if (polled[i].revents != 0) connections[i]->receive(counts);
            }
        }
    };
    go_on(std::stod(arguments[7]));
    counts = {};
    auto const before = Clock::now();
    auto const processor = processor_seconds();
    go_on(std::stod(arguments[6]));
    std::chrono::duration<double> const taken = Clock::now() - before;
    std::printf(R"({"per_second":%.1f,"failed":%lld,"busy":%.3f})"
                "\n",
                static_cast<double>(counts.answered) / taken.count(),
                static_cast<long long>(counts.answered) - static_cast<long long>(counts.with_message),
                (processor_seconds() - processor) / taken.count());
}

}  // namespace

}  // namespace nexpo::bench

int main(int count, char** arguments) {
    try {
        nexpo::bench::run({arguments + 1, arguments + std::max(count, 1)});
        return 0;
    } catch (std::exception const& exception) {
        std::fprintf(stderr, "nexpo_bench_grpc_load: %s\n", exception.what());
        return 1;
    }
}
