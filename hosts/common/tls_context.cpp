// SPDX-License-Identifier: Apache-2.0
#include "common/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <optional>
#include <utility>

#include "nexpo/secret.hpp"
#include "settings/text_file.hpp"

namespace nexpo::hosts {

namespace {

template <auto function>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        function(object);
    }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

// Mozilla's intermediate configuration, guideline 5.7 (https://wiki.mozilla.org/Security/Server_Side_TLS), without the
// suites of finite-field DHE. Every suite has forward secrecy and authenticated encryption; TLS 1.3 has no others.
constexpr char const* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char const* kSuites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char const* kGroups = "X25519:P-256:P-384";
/// The protocol's name with its length before it (RFC 7301 section 3.1).
constexpr unsigned char kHttp11[] = "\x08http/1.1";
constexpr unsigned char kSessionContext[] = "nexpo-http";

/// The reason of the newest error of OpenSSL, which also empties its queue.
std::string last_reason() {
    auto const* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "unknown reason";
}

Bio open_text(std::string_view text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size, unsigned char const* offered,
                    unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    auto const outcome = SSL_select_next_proto(&found, chosen_size, kHttp11, sizeof kHttp11 - 1, offered, offered_size);
    *chosen = found;
    // RFC 7301 section 3.2: whoever offers nothing that is spoken here is told so.
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int refuse_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

std::time_t to_time(ASN1_TIME const* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

FileStamp stamp(std::string const& path) {
    struct stat status {};
    if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
    return {.device = status.st_dev,
            .file = status.st_ino,
            .size = status.st_size,
            .seconds = status.st_mtim.tv_sec,
            .nanoseconds = status.st_mtim.tv_nsec};
}

}  // namespace

TlsStamps stamp_files(TlsConfig const& config) {
    return {stamp(config.certificate), stamp(config.key), stamp(config.client_ca)};
}

void TlsContext::Free::operator()(ssl_ctx_st* native) const {
    SSL_CTX_free(native);
}

/// Fills a context step by step and stops at the first problem.
class TlsLoader {
 public:
    explicit TlsLoader(TlsConfig const& config) : config_(config) {}

    Result<std::shared_ptr<TlsContext const>> load() {
        context_->stamps_ = stamp_files(config_);
        ERR_clear_error();
        bool const loaded = configure() && load_certificates() && load_key() && check_time() && load_authorities();
        ERR_clear_error();
        if (!loaded) return std::move(*error_);
        return std::shared_ptr<TlsContext const>(std::move(context_));
    }

 private:
    bool refuse(std::string const& path, char const* reason, std::string const& what) {
        error_ = Error{Errc::failed_precondition, reason, path + ' ' + what};
        return false;
    }

    SSL_CTX* native() const { return context_->native_.get(); }

    bool configure() {
        context_->native_.reset(SSL_CTX_new(TLS_server_method()));
        auto const oldest = config_.minimum == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
        bool const done = native() && SSL_CTX_set_min_proto_version(native(), oldest) == 1 &&
                          SSL_CTX_set_cipher_list(native(), kSuites12) == 1 &&
                          SSL_CTX_set_ciphersuites(native(), kSuites13) == 1 &&
                          SSL_CTX_set1_groups_list(native(), kGroups) == 1 &&
                          SSL_CTX_set_session_id_context(native(), kSessionContext, sizeof kSessionContext - 1) == 1;
        if (!done) return refuse("TLS", "tls_failed", "cannot be set up: " + last_reason());
        // A stream that ends without the closing alert ends nevertheless: requests carry their own lengths.
        SSL_CTX_set_options(native(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
        // Sessions are resumed by tickets alone, sealed under keys that end with this context.
        SSL_CTX_set_session_cache_mode(native(), SSL_SESS_CACHE_OFF);
        SSL_CTX_set_mode(
            native(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_alpn_select_cb(native(), choose_protocol, nullptr);
        return true;
    }

    bool read(std::string const& path) {
        auto text = hosts::read_text_file(path);
        if (!text) return refuse(path, "tls_unreadable", text.error().message);
        text_ = Secret(std::move(*text));
        return true;
    }

    /// The certificates of a file, which has to hold one at least.
    bool read_certificates(std::string const& path, std::vector<Certificate>& certificates) {
        if (!read(path)) return false;
        auto const bio = open_text(text_.reveal());
        while (X509* const next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
            certificates.emplace_back(next);
        bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        if (certificates.empty() && at_end) return refuse(path, "tls_malformed", "holds no certificate in PEM form");
        if (!at_end) {
            auto const number = std::to_string(certificates.size() + 1);
            return refuse(path, "tls_malformed", "is malformed in certificate " + number + ": " + last_reason());
        }
        ERR_clear_error();
        return true;
    }

    bool load_certificates() {
        std::vector<Certificate> chain;
        if (!read_certificates(config_.certificate, chain)) return false;
        if (SSL_CTX_use_certificate(native(), chain.front().get()) != 1) {
            return refuse(config_.certificate, "tls_unusable", "cannot be used: " + last_reason());
        }
        for (std::size_t i = 1; i < chain.size(); ++i) {
            if (SSL_CTX_add1_chain_cert(native(), chain[i].get()) != 1) {
                return refuse(config_.certificate, "tls_unusable", "has an unusable chain: " + last_reason());
            }
        }
        certificate_ = std::move(chain.front());
        return true;
    }

    bool load_key() {
        if (!read(config_.key)) return false;
        bool asked = false;
        auto const bio = open_text(text_.reveal());
        Key const key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, &asked));
        if (asked) {
            return refuse(config_.key, "tls_encrypted", "is encrypted; a key without passphrase is needed");
        }
        if (!key) return refuse(config_.key, "tls_malformed", "holds no private key in PEM form");
        if (X509_check_private_key(certificate_.get(), key.get()) != 1) {
            return refuse(config_.key, "tls_mismatch", "does not fit the certificate in " + config_.certificate);
        }
        if (SSL_CTX_use_PrivateKey(native(), key.get()) != 1) {
            return refuse(config_.key, "tls_unusable", "cannot be used: " + last_reason());
        }
        struct stat status {};
        if (::stat(config_.key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
            context_->warnings_.push_back(config_.key + " can be read by every user of this machine");
        }
        return true;
    }

    bool check_time() {
        auto const now = std::time(nullptr);
        auto const begins = to_time(X509_get0_notBefore(certificate_.get()));
        context_->expires_ = to_time(X509_get0_notAfter(certificate_.get()));
        if (context_->expires_ <= now) return refuse(config_.certificate, "tls_expired", "has expired");
        if (begins > now) return refuse(config_.certificate, "tls_too_early", "is not valid yet");
        return true;
    }

    bool load_authorities() {
        if (config_.client_ca.empty()) return true;
        std::vector<Certificate> authorities;
        if (!read_certificates(config_.client_ca, authorities)) return false;
        auto* const store = SSL_CTX_get_cert_store(native());
        for (auto const& authority : authorities) {
            bool const added = X509_STORE_add_cert(store, authority.get()) == 1 &&
                               SSL_CTX_add_client_CA(native(), authority.get()) == 1;
            if (!added) return refuse(config_.client_ca, "tls_unusable", "cannot be used: " + last_reason());
        }
        int const required = config_.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(native(), SSL_VERIFY_PEER | required, nullptr);
        // A resumed session would let a client in whose certificate has expired since: nobody looks at it again.
        SSL_CTX_set_options(native(), SSL_OP_NO_TICKET);
        return SSL_CTX_set_num_tickets(native(), 0) == 1 || refuse("TLS", "tls_failed", "cannot be set up");
    }

    TlsConfig const& config_;
    std::shared_ptr<TlsContext> context_{new TlsContext};
    std::optional<Error> error_;
    Secret text_;
    Certificate certificate_;
};

Result<std::shared_ptr<TlsContext const>> TlsContext::load(TlsConfig const& config) {
    return TlsLoader(config).load();
}

}  // namespace nexpo::hosts
