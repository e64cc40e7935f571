// SPDX-License-Identifier: Apache-2.0
#include "http/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace nexpo::http_host {

TlsSession::TlsSession(std::shared_ptr<hosts::TlsContext const> context, int socket)
    : context_(std::move(context)), native_(SSL_new(context_->native())) {
    if (!native_ || SSL_set_fd(native_, socket) != 1) {
        SSL_free(native_);
        throw std::bad_alloc();
    }
    SSL_set_accept_state(native_);
}

TlsSession::~TlsSession() {
    SSL_free(native_);
}

Step TlsSession::shake_hands() {
    ERR_clear_error();
    return step(SSL_do_handshake(native_));
}

Step TlsSession::read(void* to, std::size_t size, std::size_t& count) {
    ERR_clear_error();
    count = 0;
    return step(SSL_read_ex(native_, to, size, &count));
}

Step TlsSession::write(void const* from, std::size_t size, std::size_t& count) {
    ERR_clear_error();
    count = 0;
    return step(SSL_write_ex(native_, from, size, &count));
}

void TlsSession::close() {
    ERR_clear_error();
    SSL_shutdown(native_);
    ERR_clear_error();
}

bool TlsSession::has_pending() const {
    return SSL_has_pending(native_) == 1;
}

Step TlsSession::step(int outcome) {
    auto const number = errno;
    switch (SSL_get_error(native_, outcome)) {
        case SSL_ERROR_NONE:
            return Step::done;
        case SSL_ERROR_WANT_READ:
            return Step::wait_to_read;
        case SSL_ERROR_WANT_WRITE:
            return Step::wait_to_write;
        case SSL_ERROR_ZERO_RETURN:
            failure_ = "the client has gone";
            return Step::ended;
        default:
            break;
    }
    auto const error = ERR_peek_error();
    auto const* const reason = ERR_reason_error_string(error);
    failure_ = reason ? reason : std::generic_category().message(number);
    ERR_clear_error();
    return Step::failed;
}

}  // namespace nexpo::http_host
