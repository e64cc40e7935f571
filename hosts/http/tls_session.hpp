// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/tls_context.hpp"

struct ssl_st;

namespace nexpo::http_host {

/// What became of an attempt to read or write without waiting.
enum class Step : std::uint8_t {
    done,
    wait_to_read,   ///< Try again when the socket has something to read,
    wait_to_write,  ///< or when it takes something.
    ended,          ///< The peer sends nothing more.
    failed,
};

/// The TLS of one connection, over a socket that does not block and has to outlive every call but the destructor's.
class TlsSession {
 public:
    TlsSession(std::shared_ptr<hosts::TlsContext const> context, int socket);
    ~TlsSession();
    TlsSession(TlsSession const&) = delete;
    TlsSession& operator=(TlsSession const&) = delete;

    Step shake_hands();
    Step read(void* to, std::size_t size, std::size_t& count);
    Step write(void const* from, std::size_t size, std::size_t& count);
    /// Tells the peer that nothing more comes, if the socket takes it at once.
    void close();
    /// Whether it has something to read that the socket has no longer.
    bool has_pending() const;
    /// Why the last step failed.
    std::string const& failure() const { return failure_; }

 private:
    Step step(int outcome);

    std::shared_ptr<hosts::TlsContext const> context_;
    ssl_st* native_;
    std::string failure_;
};

}  // namespace nexpo::http_host
