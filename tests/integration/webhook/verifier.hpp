// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/verification_key.hpp"
#include "nexpo/json.hpp"

namespace nexpo::inline v1::testing {

/// What a receiver checks (Standard Webhooks, "Verifying signatures"), stricter than the reference libraries: digits
/// only in the timestamp, and padded base64 in the standard alphabet only.
class WebhookVerifier {
 public:
    /// `whsec_…` or `whpk_…`.
    explicit WebhookVerifier(std::string const& key) {
        bool const is_public = key.starts_with("whpk_");
        auto const text = std::string_view(key).substr(key.find('_') + 1);
        auto bytes = base::base64_decode(text).value();
        if (!is_public) {
            secret_ = std::move(bytes);
            return;
        }
        Json const jwk(Json::Object{{"kty", "OKP"},
                                    {"crv", "Ed25519"},
                                    {"alg", "EdDSA"},
                                    {"x", base::base64url_encode(std::string_view(bytes))}});
        public_key_ = crypto::VerificationKey::from_jwk(jwk).value();
    }

    /// `now` in seconds since 1970.
    bool accepts(std::string const& id, std::string const& timestamp, std::string_view signatures,
                 std::string const& body, std::int64_t now) const {
        if (id.empty() || timestamp.empty() || signatures.empty()) return false;
        std::int64_t sent_at = 0;
        auto const* const end = timestamp.data() + timestamp.size();
        if (std::from_chars(timestamp.data(), end, sent_at).ptr != end) return false;
        constexpr std::int64_t kTolerance = 300;
        if (now - sent_at > kTolerance || sent_at - now > kTolerance) return false;
        auto const content = id + '.' + timestamp + '.' + body;
        while (!signatures.empty()) {
            auto const space = signatures.find(' ');
            if (fits(signatures.substr(0, space), content)) return true;
            signatures.remove_prefix(space == signatures.npos ? signatures.size() : space + 1);
        }
        return false;
    }

 private:
    bool fits(std::string_view entry, std::string const& content) const {
        auto const comma = entry.find(',');
        if (comma == entry.npos) return false;
        auto const version = entry.substr(0, comma);
        auto const text = entry.substr(comma + 1);
        if (public_key_) {
            auto const signature = base::base64_decode(text);
            return version == "v1a" && signature && public_key_->verify(content, *signature);
        }
        auto const digest = crypto::hmac_sha256(secret_, content);
        return version == "v1" && text == base::base64_encode(std::span<std::byte const>(digest));
    }

    std::string secret_;
    std::optional<crypto::VerificationKey> public_key_;
};

}  // namespace nexpo::inline v1::testing
