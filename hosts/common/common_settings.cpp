// SPDX-License-Identifier: Apache-2.0
#include "common/common_settings.hpp"

#include <arpa/inet.h>

#include <utility>

namespace nexpo::hosts {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

bool in_alphabet(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == text.npos;
}

/// 32 bytes as hex, base64 or base64url (RFC 4648), padded or not.
bool has_key_form(std::string_view text) {
    constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (text.size() == 64 && in_alphabet(text, "0123456789abcdefABCDEF")) return true;
    if (text.size() == 44 && text.back() == '=') text.remove_suffix(1);
    return text.size() == 43 && (in_alphabet(text, std::string(kAlphanumeric) + "+/") ||
                                 in_alphabet(text, std::string(kAlphanumeric) + "-_"));
}

}  // namespace

bool is_ip_address(std::string const& text) {
    in6_addr parsed{};
    return ::inet_pton(AF_INET, text.c_str(), &parsed) == 1 || ::inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

StructType describe(Type<TlsConfig>) {
    return structure<TlsConfig>(
        "TlsConfig",
        field("certificate", &TlsConfig::certificate)
            .doc("PEM file of the server's certificate and those between it and the root. Empty: no TLS."),
        field("key", &TlsConfig::key).doc("PEM file of the certificate's private key, without a passphrase."),
        field("client_ca", &TlsConfig::client_ca)
            .doc("PEM file of the authorities whose client certificates are accepted. Empty: clients show none."),
        field("client_required", &TlsConfig::client_required)
            .doc("With client_ca: whether clients without a certificate are refused."),
        field("minimum", &TlsConfig::minimum).doc("Oldest version of TLS that is spoken."),
        field("handshake_seconds", &TlsConfig::handshake_seconds)
            .min(1)
            .max(kDaySeconds)
            .doc("Time for a client to complete the TLS handshake."));
}

StructType describe(Type<LogConfig>) {
    return structure<LogConfig>(
        "LogConfig", field("level", &LogConfig::level).doc("Least level of the lines on stderr."),
        field("access", &LogConfig::access).doc("Whether every request is logged, at any level."));
}

StructType describe(Type<AdminConfig>) {
    return structure<AdminConfig>(
        "AdminConfig",
        field("email", &AdminConfig::email)
            .required()
            .format(Format::email)
            .doc("Address of the owner that the first start creates."),
        field("password", &AdminConfig::password)
            .secret()
            .doc("Password of that owner, 8 to 1024 bytes. Empty: one is made and printed once."));
}

void check_common(Config const& backend, TlsConfig const& tls, AdminConfig const& admin, Loaded const& loaded,
                  std::vector<Violation>& problems) {
    auto const refuse = [&](char const* key, char const* rule, std::string message) {
        problems.push_back({loaded.describe(key), rule, std::move(message)});
    };
    if (tls.is_on() && tls.key.empty()) refuse("tls.key", "required", "is needed with tls.certificate");
    if (!tls.is_on() && !tls.key.empty()) refuse("tls.certificate", "required", "is needed with tls.key");
    if (!tls.is_on() && !tls.client_ca.empty()) refuse("tls.certificate", "required", "is needed with tls.client_ca");
    if (auto const checked = check_config(backend); !checked) {
        for (auto const& violation : checked.error().violations) problems.push_back(loaded.locate(violation));
    }
    auto const key = backend.sealing_key.reveal();
    if (!key.empty() && !has_key_form(key)) {
        refuse("sealing_key", "format", "must be 32 bytes as base64, base64url or hex");
    }
    auto const password = admin.password.reveal().size();
    if (password != 0 && (password < 8 || password > 1024)) {
        refuse("admin.password", "size", "must have 8 to 1024 bytes");
    }
}

}  // namespace nexpo::hosts
