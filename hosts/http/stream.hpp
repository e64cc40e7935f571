// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/asio_types.hpp"
#include "http/tls_session.hpp"

namespace nexpo::http_host {

/// Whether a step has to be tried again when the socket is ready.
inline bool is_waiting(Step step) {
    return step == Step::wait_to_read || step == Step::wait_to_write;
}

/// What is left to be sent.
struct Output {
    std::string_view head{};
    std::string_view body{};
};

/// A client's connection, over TLS or not. Nothing here waits: a step says what it would have to wait for.
class Stream {
 public:
    /// Without a context the connection is plain.
    Stream(Socket socket, std::shared_ptr<hosts::TlsContext const> const& tls);

    bool is_secure() const { return tls_ != nullptr; }
    /// For waiting only.
    Socket& socket() { return socket_; }

    /// Whether the client has begun to speak plain HTTP; false unless something has arrived.
    bool hears_plain_text();
    /// Goes on without TLS, before any of it was spoken.
    void give_up_tls() { tls_.reset(); }
    Step shake_hands();
    std::string const& failure() const { return tls_->failure(); }

    Step read(void* to, std::size_t size, std::size_t& count);
    /// Sends as much as the socket takes, and takes it off the output; done when nothing is left.
    Step write(Output& output);
    /// Whether bytes have arrived that `read` has not given yet.
    bool has_input();
    /// Whether some of them are here and not in the socket, so that it makes no sense to wait for it.
    bool has_pending() const { return tls_ && tls_->has_pending(); }

    /// What has become of the socket, whatever has arrived and was not read.
    enum class Condition : std::uint8_t { fine, half_closed, lost };
    Condition condition();

    /// Tells the client that nothing more will be sent.
    void end();
    /// Throws away what has arrived. Ended when nothing more can come.
    Step drop_input();

    void cancel();  ///< Ends the wait that is on.
    void close();

 private:
    Step read_plain(void* to, std::size_t size, std::size_t& count);
    Step write_plain(Output& output);
    Step write_secure(std::string_view& text);

    Socket socket_;
    std::unique_ptr<TlsSession> tls_;
};

}  // namespace nexpo::http_host
