// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealer.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/wipe.hpp"
#include "crypto/digest.hpp"
#include "crypto/openssl.hpp"

namespace nexpo::crypto {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderSize = 5;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kOverhead = kHeaderSize + kNonceSize + kTagSize;
/// EVP counts in int.
constexpr std::size_t kLargest = std::numeric_limits<int>::max() - kOverhead;

unsigned char const* raw(std::string_view bytes) noexcept {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

unsigned char* raw(char* bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes);
}

EVP_CIPHER const* algorithm() {
    static CipherPtr const cipher = [] {
        CipherPtr fetched(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
        require(fetched != nullptr);
        return fetched;
    }();
    return cipher.get();
}

/// The direction of one use of the cipher.
enum class Mode : int { open = 0, seal = 1 };

/// A cipher that has taken key, nonce, and as associated data the header and what the caller gave.
CipherCtxPtr begin(Mode mode, Key const& key, std::string_view nonce, std::string_view header,
                   std::string_view associated_data) {
    CipherCtxPtr context(EVP_CIPHER_CTX_new());
    require(context != nullptr && associated_data.size() <= kLargest);
    require(EVP_CipherInit_ex2(context.get(), algorithm(), raw(text_of(key.bytes())), raw(nonce),
                               static_cast<int>(mode), nullptr) == 1);
    int size = 0;
    for (auto const part : {header, associated_data}) {
        if (part.empty()) continue;
        require(EVP_CipherUpdate(context.get(), nullptr, &size, raw(part), static_cast<int>(part.size())) == 1);
    }
    return context;
}

void transform(EVP_CIPHER_CTX* context, std::string_view from, char* to) {
    int size = 0;
    if (from.empty()) return;
    require(EVP_CipherUpdate(context, raw(to), &size, raw(from), static_cast<int>(from.size())) == 1);
}

Error broken() {
    return {.code = Errc::data_loss,
            .reason = "seal_broken",
            .message = "Sealed data is damaged or does not belong where it was found."};
}

std::optional<std::string> key_bytes(std::string_view text) {
    if (text.size() == 2 * Key::kSize) return base::hex_decode(text);
    auto const unpadded = text.ends_with('=') ? text.substr(0, text.size() - 1) : text;
    if (auto bytes = base::base64url_decode(unpadded)) return bytes;
    std::string padded(unpadded);
    padded.push_back('=');
    auto bytes = base::base64_decode(padded);
    base::wipe(padded);
    return bytes;
}

}  // namespace

Sealer::Sealer(Key const& key, std::shared_ptr<Random> random) : key_(key), header_{}, random_(std::move(random)) {
    auto const id = derive("nexpo sealing key id");
    header_.front() = kVersion;
    std::ranges::copy(text_of(id.bytes()).substr(0, kHeaderSize - 1), header_.begin() + 1);
}

Result<Sealer> Sealer::from_text(Secret const& text, std::shared_ptr<Random> random) {
    auto bytes = key_bytes(text.reveal());
    if (!bytes || bytes->size() != Key::kSize) {
        if (bytes) base::wipe(*bytes);
        return Error{.code = Errc::invalid_argument,
                     .reason = "sealing_key_invalid",
                     .message = "The sealing key must be 32 bytes in base64url or base64, or 64 hexadecimal digits."};
    }
    Key const key(bytes_of(*bytes).first<Key::kSize>());
    base::wipe(*bytes);
    return Sealer(key, std::move(random));
}

std::string Sealer::seal(std::string_view plaintext, std::string_view associated_data) const {
    require(plaintext.size() <= kLargest);
    ErrorScope const errors;
    std::string sealed(kOverhead + plaintext.size(), '\0');
    std::ranges::copy(header_, sealed.begin());
    auto* const nonce = sealed.data() + kHeaderSize;
    random_->fill(std::as_writable_bytes(std::span(nonce, kNonceSize)));
    auto const context = begin(Mode::seal, key_, {nonce, kNonceSize}, {header_.data(), kHeaderSize}, associated_data);
    transform(context.get(), plaintext, nonce + kNonceSize);
    auto* const tag = nonce + kNonceSize + plaintext.size();
    int size = 0;
    require(EVP_CipherFinal_ex(context.get(), raw(tag), &size) == 1);
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
    return sealed;
}

Result<Secret> Sealer::open(std::string_view sealed, std::string_view associated_data) const {
    if (sealed.size() < kOverhead || sealed.size() - kOverhead > kLargest || sealed.front() != kVersion) {
        return broken();
    }
    auto const header = sealed.substr(0, kHeaderSize);
    if (header != std::string_view(header_.data(), kHeaderSize)) {
        return Error{.code = Errc::failed_precondition,
                     .reason = "sealing_key_unknown",
                     .message = "Sealed data was sealed with another key than the configured one."};
    }
    ErrorScope const errors;
    auto const nonce = sealed.substr(kHeaderSize, kNonceSize);
    auto const ciphertext = sealed.substr(kHeaderSize + kNonceSize, sealed.size() - kOverhead);
    std::string tag(sealed.substr(sealed.size() - kTagSize));  // OpenSSL takes it by a pointer to non-const.
    auto const context = begin(Mode::open, key_, nonce, header, associated_data);
    std::string plaintext(ciphertext.size(), '\0');
    transform(context.get(), ciphertext, plaintext.data());
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
    int size = 0;
    std::array<unsigned char, kTagSize> rest{};
    if (EVP_CipherFinal_ex(context.get(), rest.data(), &size) != 1) {
        base::wipe(plaintext);
        return broken();
    }
    return Secret(std::move(plaintext));
}

Key Sealer::derive(std::string_view label) const {
    return hkdf_sha256(key_.bytes(), label);
}

Secret generate_key_text(Random& random) {
    std::array<std::byte, Key::kSize> bytes{};
    random.fill(bytes);
    Secret text(base::base64url_encode(bytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return text;
}

}  // namespace nexpo::crypto
