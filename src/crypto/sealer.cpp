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

unsigned char* bytes_at(char* place) noexcept {
    return reinterpret_cast<unsigned char*>(place);
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
    require(EVP_CipherUpdate(context, bytes_at(to), &size, raw(from), static_cast<int>(from.size())) == 1);
}

Error broken() {
    return {.code = Errc::data_loss,
            .reason = "seal_broken",
            .message = "Sealed data is damaged or does not belong where it was found."};
}

Error unknown_key(std::string const& id) {
    return {.code = Errc::failed_precondition,
            .reason = "sealing_key_unknown",
            .message = "Sealed data needs the sealing key with the id " + id + ", which is not configured."};
}

std::string id_in(std::string_view header) {
    return base::hex_encode(bytes_of(header.substr(1, kHeaderSize - 1)));
}

std::optional<Secret> open_with(Key const& key, std::string_view sealed, std::string_view associated_data) {
    ErrorScope const errors;
    auto const header = sealed.substr(0, kHeaderSize);
    auto const nonce = sealed.substr(kHeaderSize, kNonceSize);
    auto const ciphertext = sealed.substr(kHeaderSize + kNonceSize, sealed.size() - kOverhead);
    std::string tag(sealed.substr(sealed.size() - kTagSize));  // OpenSSL takes it by a pointer to non-const.
    auto const context = begin(Mode::open, key, nonce, header, associated_data);
    std::string plaintext(ciphertext.size(), '\0');
    transform(context.get(), ciphertext, plaintext.data());
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1);
    int size = 0;
    std::array<unsigned char, kTagSize> rest{};
    if (EVP_CipherFinal_ex(context.get(), rest.data(), &size) == 1) return Secret(std::move(plaintext));
    base::wipe(plaintext);
    return std::nullopt;
}

std::optional<std::string> key_bytes(std::string_view text) {
    if (text.size() == 2 * Key::kSize) return base::hex_decode(text);
    auto const unpadded = text.ends_with('=') ? text.substr(0, text.size() - 1) : text;
    if (unpadded.find_first_of("+/") == unpadded.npos) return base::base64url_decode(unpadded);
    std::string padded;
    padded.reserve(unpadded.size() + 1);  // growing would leave the text behind
    padded.append(unpadded).push_back('=');
    auto bytes = base::base64_decode(padded);
    base::wipe(padded);
    return bytes;
}

}  // namespace

Sealer::KeyInUse::KeyInUse(Key const& given) : key(given), header{} {
    auto const id = hkdf_sha256(key.bytes(), "nexpo sealing key id");
    header.front() = kVersion;
    std::ranges::copy(text_of(id.bytes()).substr(0, kHeaderSize - 1), header.begin() + 1);
}

Sealer::Sealer(Key const& key, std::shared_ptr<Random> random) : keys_{KeyInUse(key)}, random_(std::move(random)) {}

Result<Sealer> Sealer::from_text(Secret const& text, std::shared_ptr<Random> random) {
    auto const key = key_from_text(text.reveal());
    if (!key) return key.error();
    return Sealer(*key, std::move(random));
}

void Sealer::open_also(Key const& key) {
    keys_.emplace_back(key);
}

void Sealer::derive_from(Key const& root) {
    root_ = root;
}

std::string Sealer::key_id() const {
    return id_in(keys_.front().header_text());
}

bool Sealer::is_current(std::string_view sealed) const noexcept {
    return sealed.substr(0, kHeaderSize) == keys_.front().header_text();
}

bool Sealer::knows(std::string_view sealed) const noexcept {
    auto const header = sealed.substr(0, kHeaderSize);
    return std::ranges::any_of(keys_, [&](KeyInUse const& key) { return key.header_text() == header; });
}

std::string Sealer::seal(std::string_view plaintext, std::string_view associated_data) const {
    require(plaintext.size() <= kLargest);
    ErrorScope const errors;
    std::string sealed(kOverhead + plaintext.size(), '\0');
    auto const& [key, header] = keys_.front();
    std::ranges::copy(header, sealed.begin());
    auto* const nonce = sealed.data() + kHeaderSize;
    random_->fill(std::as_writable_bytes(std::span(nonce, kNonceSize)));
    auto const context = begin(Mode::seal, key, {nonce, kNonceSize}, keys_.front().header_text(), associated_data);
    transform(context.get(), plaintext, nonce + kNonceSize);
    auto* const tag = nonce + kNonceSize + plaintext.size();
    int size = 0;
    require(EVP_CipherFinal_ex(context.get(), bytes_at(tag), &size) == 1);
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1);
    return sealed;
}

Result<Secret> Sealer::open(std::string_view sealed, std::string_view associated_data) const {
    if (sealed.size() < kOverhead || sealed.size() - kOverhead > kLargest || sealed.front() != kVersion) {
        return broken();
    }
    auto const header = sealed.substr(0, kHeaderSize);
    bool known = false;
    for (auto const& candidate : keys_) {
        if (header != candidate.header_text()) continue;
        known = true;
        if (auto opened = open_with(candidate.key, sealed, associated_data)) return *std::move(opened);
    }
    return known ? broken() : unknown_key(id_in(header));
}

Key Sealer::derive(std::string_view label) const {
    return hkdf_sha256((root_ ? *root_ : keys_.front().key).bytes(), label);
}

Result<Key> key_from_text(std::string_view text) {
    auto bytes = key_bytes(text);
    if (!bytes || bytes->size() != Key::kSize) {
        if (bytes) base::wipe(*bytes);
        return Error{.code = Errc::invalid_argument,
                     .reason = "sealing_key_invalid",
                     .message = "A sealing key must be 32 bytes in base64url or base64, or 64 hexadecimal digits."};
    }
    Key key(bytes_of(*bytes).first<Key::kSize>());
    base::wipe(*bytes);
    return key;
}

Result<std::vector<Key>> keys_from_text(std::string_view text) {
    constexpr std::string_view kBetween = ", \t\r\n";
    std::vector<Key> keys;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
        if (text.empty()) return keys;
        auto const one = text.substr(0, text.find_first_of(kBetween));
        auto key = key_from_text(one);
        if (!key) return std::move(key).error();
        keys.push_back(*key);
        text.remove_prefix(one.size());
    }
}

Secret generate_key_text(Random& random) {
    std::array<std::byte, Key::kSize> bytes{};
    random.fill(bytes);
    Secret text(base::base64url_encode(bytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return text;
}

}  // namespace nexpo::crypto
