// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/redis_socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "drivers/queue/queue_errors.hpp"

namespace nexpo::drivers {

namespace {

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    int get() const noexcept { return number_; }

 private:
    int number_;
};

Error system_error(char const* what, int number) {
    return queue_unavailable(std::string(what) + ": " + std::generic_category().message(number));
}

/// Waits until the socket is ready for `events`.
Result<void> wait(int socket, short events, Deadline deadline, std::stop_token const& stop) {
    Descriptor const wake(stop.stop_possible() ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1);
    std::stop_callback const on_stop(stop, [&wake] { eventfd_write(wake.get(), 1); });
    for (;;) {
        if (stop.stop_requested()) return Error{Errc::cancelled, "cancelled", "stop was requested"};
        auto const left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) return Error{Errc::deadline_exceeded, "timed_out", "the service did not answer"};
        auto const milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
        std::array<pollfd, 2> waits{{{socket, events, 0}, {wake.get(), POLLIN, 0}}};
        int const ready =
            poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000)));
        if (ready < 0 && errno != EINTR) return system_error("waiting", errno);
        if (ready > 0 && waits[0].revents != 0) return {};
    }
}

class PlainSocket final : public RedisSocket {
 public:
    explicit PlainSocket(Descriptor socket) : socket_(std::move(socket)) {}

    Result<void> write(std::string_view bytes, Deadline deadline) override {
        while (!bytes.empty()) {
            auto const sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                if (auto waited = wait(socket_.get(), POLLOUT, deadline, {}); !waited) return waited.error();
            } else if (errno != EINTR) {
                return system_error("sending", errno);
            }
        }
        return {};
    }

    Result<std::size_t> read(char* to, std::size_t size, Deadline deadline, std::stop_token stop) override {
        for (;;) {
            auto const got = ::recv(socket_.get(), to, size, 0);
            if (got > 0) return static_cast<std::size_t>(got);
            if (got == 0) return queue_unavailable("the service closed the connection");
            if (errno == EAGAIN) {
                if (auto waited = wait(socket_.get(), POLLIN, deadline, stop); !waited) return waited.error();
            } else if (errno != EINTR) {
                return system_error("receiving", errno);
            }
        }
    }

 private:
    Descriptor socket_;
};

struct FreeSsl {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* session) const noexcept { SSL_free(session); }
};

/// TLS over memory: OpenSSL's own sockets would raise SIGPIPE.
class TlsSocket final : public RedisSocket {
 public:
    explicit TlsSocket(Descriptor socket) : plain_(std::move(socket)) {}

    Result<void> shake_hands(QueueSettings const& settings, Deadline deadline) {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) return fault();
        int const trusted = settings.ca_file.empty()
                                ? SSL_CTX_set_default_verify_paths(context_.get())
                                : SSL_CTX_load_verify_file(context_.get(), settings.ca_file.c_str());
        if (trusted != 1) return fault();
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        session_.reset(SSL_new(context_.get()));
        auto* const from_peer = BIO_new(BIO_s_mem());
        auto* const to_peer = BIO_new(BIO_s_mem());
        if (!session_ || from_peer == nullptr || to_peer == nullptr) {
            BIO_free(from_peer);
            BIO_free(to_peer);
            return fault();
        }
        SSL_set_bio(session_.get(), from_peer, to_peer);
        // A name or an address (RFC 9525).
        auto* const wanted = SSL_get0_param(session_.get());
        if (X509_VERIFY_PARAM_set1_ip_asc(wanted, settings.host.c_str()) != 1) {
            if (SSL_set1_host(session_.get(), settings.host.c_str()) != 1) return fault();
            SSL_set_tlsext_host_name(session_.get(), settings.host.c_str());
        }
        ERR_clear_error();
        SSL_set_connect_state(session_.get());
        return run([this] { return SSL_do_handshake(session_.get()); }, deadline, {});
    }

    Result<void> write(std::string_view bytes, Deadline deadline) override {
        std::size_t written = 0;
        return run([&] { return SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &written); }, deadline, {});
    }

    Result<std::size_t> read(char* to, std::size_t size, Deadline deadline, std::stop_token stop) override {
        std::size_t got = 0;
        auto done = run([&] { return SSL_read_ex(session_.get(), to, size, &got); }, deadline, std::move(stop));
        if (!done) return done.error();
        return got;
    }

 private:
    template <class Step>
    Result<void> run(Step step, Deadline deadline, std::stop_token stop) {
        for (;;) {
            ERR_clear_error();
            int const outcome = step();
            int const wanted = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), outcome);
            if (auto sent = flush(deadline); !sent) return sent.error();
            if (wanted == SSL_ERROR_NONE) return {};
            if (wanted == SSL_ERROR_ZERO_RETURN) return queue_unavailable("the service closed the connection");
            if (wanted != SSL_ERROR_WANT_READ) return fault();
            std::array<char, 16'384> bytes{};
            auto got = plain_.read(bytes.data(), bytes.size(), deadline, stop);
            if (!got) return got.error();
            if (BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(*got)) <= 0) return fault();
        }
    }

    Result<void> flush(Deadline deadline) {
        std::array<char, 16'384> bytes{};
        for (;;) {
            int const count = BIO_read(SSL_get_wbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
            if (count <= 0) return {};
            auto sent = plain_.write({bytes.data(), static_cast<std::size_t>(count)}, deadline);
            if (!sent) return sent.error();
        }
    }

    static Error fault() {
        auto const* const reason = ERR_reason_error_string(ERR_peek_error());
        auto error = queue_unavailable(std::string("TLS: ") + (reason != nullptr ? reason : "failed"));
        ERR_clear_error();
        return error;
    }

    PlainSocket plain_;
    std::unique_ptr<SSL_CTX, FreeSsl> context_;
    std::unique_ptr<SSL, FreeSsl> session_;
};

Result<Descriptor> connect_to(addrinfo const& address, Deadline deadline) {
    Descriptor connecting(socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (connecting.get() < 0) return system_error("connecting", errno);
    int const on = 1;
    setsockopt(connecting.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(connecting.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (::connect(connecting.get(), address.ai_addr, address.ai_addrlen) == 0) return connecting;
    if (errno != EINPROGRESS) return system_error("connecting", errno);
    if (auto waited = wait(connecting.get(), POLLOUT, deadline, {}); !waited) return waited.error();
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt(connecting.get(), SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
    if (number != 0) return system_error("connecting", number);
    return connecting;
}

}  // namespace

Result<std::unique_ptr<RedisSocket>> RedisSocket::connect(QueueSettings const& settings, std::uint16_t port,
                                                          bool secure, Deadline deadline) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    int const failed = getaddrinfo(settings.host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failed != 0) return queue_unavailable("the host's name was not resolved");
    std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> const addresses(found, &freeaddrinfo);
    Error error = queue_unavailable("the host has no address");
    for (auto const* address = addresses.get(); address != nullptr; address = address->ai_next) {
        auto connected = connect_to(*address, deadline);
        if (!connected) {
            error = connected.error();
            continue;
        }
        if (!secure) return std::unique_ptr<RedisSocket>(std::make_unique<PlainSocket>(std::move(*connected)));
        auto socket = std::make_unique<TlsSocket>(std::move(*connected));
        if (auto shaken = socket->shake_hands(settings, deadline); !shaken) return shaken.error();
        return std::unique_ptr<RedisSocket>(std::move(socket));
    }
    return error;
}

}  // namespace nexpo::drivers
