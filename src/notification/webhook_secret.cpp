// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_secret.hpp"

#include <array>
#include <cstddef>

#include "base/base64.hpp"
#include "base/wipe.hpp"

namespace nexpo::notification {

namespace {

// Standard Webhooks, "Signature scheme": 24 to 64 random bytes, in base64 behind the prefix.
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kLeastSecret = 24;
constexpr std::size_t kMostSecret = 64;
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kPublicPrefix = "whpk_";

Error secret_invalid() {
    return {Errc::data_loss, "webhook_secret_invalid", "the secret of a webhook is damaged"};
}

std::string random_secret(Random& random) {
    std::array<std::byte, kSecretSize> bytes{};
    random.fill(bytes);
    return std::string(kSecretPrefix).append(base::base64_encode(bytes));
}

/// The signing key is the bytes behind the prefix, not the text.
Result<WebhookKey> make_hmac_key(Random& random) {
    WebhookKey key;
    key.secret = random_secret(random);
    key.kept = Secret(*key.secret);
    return key;
}

Result<WebhookKey> make_key_pair() {
    auto const key = crypto::SigningKey::generate(crypto::JwsAlgorithm::eddsa);
    if (!key) return key.error();
    auto const jwk = key->public_jwk();
    auto const* x = jwk.find("x");
    auto const raw = x == nullptr || x->if_string() == nullptr ? std::nullopt : base::base64url_decode(*x->if_string());
    if (!raw) return Error{Errc::internal, "crypto_failed", "a key pair has no public half"};
    return WebhookKey{.kept = key->private_der(),
                      .public_key = std::string(kPublicPrefix).append(base::base64_encode(*raw))};
}

}  // namespace

Result<WebhookKey> make_webhook_key(WebhookScheme scheme, Random& random) {
    return scheme == WebhookScheme::v1a ? make_key_pair() : make_hmac_key(random);
}

Result<WebhookSigner> WebhookSigner::open(WebhookScheme scheme, Secret const& kept) {
    if (scheme == WebhookScheme::v1a) {
        auto key = crypto::SigningKey::from_private_der(kept.reveal(), crypto::JwsAlgorithm::eddsa);
        if (!key) return secret_invalid();
        return WebhookSigner(std::move(*key));
    }
    auto text = kept.reveal();
    if (!text.starts_with(kSecretPrefix)) return secret_invalid();
    text.remove_prefix(kSecretPrefix.size());
    auto bytes = base::base64_decode(text);
    if (!bytes || bytes->size() < kLeastSecret || bytes->size() > kMostSecret) return secret_invalid();
    crypto::HmacKey key(crypto::bytes_of(*bytes));
    base::wipe(*bytes);
    return WebhookSigner(std::move(key));
}

std::string WebhookSigner::sign(std::string_view content) const {
    if (auto const* hmac = std::get_if<crypto::HmacKey>(&key_)) {
        return "v1," + base::base64_encode(hmac->sign(content));
    }
    return "v1a," + base::base64_encode(std::get<crypto::SigningKey>(key_).sign_data(content));
}

}  // namespace nexpo::notification
