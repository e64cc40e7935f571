// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::crypto {

/// Encrypts and authenticates data at rest with AES-256-GCM. The associated data says what the sealed data belongs to
/// (a table, a column, a record), so that it opens nowhere else. It seals under one key and opens what earlier keys
/// sealed as well. Thread-safe once set up; copies share nothing.
///
/// Sealed form: version 1 (1 byte), key id (4), nonce (12), ciphertext, tag (16). The nonce is random, so one key
/// serves 2^32 seals (NIST SP 800-38D section 8.3).
class Sealer {
 public:
    Sealer(Key const& key, std::shared_ptr<Random> random);

    /// The configured key, see `key_from_text`. Errors: invalid_argument with reason `sealing_key_invalid`.
    static Result<Sealer> from_text(Secret const& text, std::shared_ptr<Random> random);

    /// Opens what this key sealed, too.
    void open_also(Key const& key);

    /// `derive` goes by this key from now on, so that what is derived outlives the sealing key.
    void derive_from(Key const& root);

    /// Throws only what `Random` throws.
    std::string seal(std::string_view plaintext, std::string_view associated_data) const;

    /// Errors: failed_precondition with reason `sealing_key_unknown`, when a key sealed it that is not known (the
    /// message has its id); data_loss with reason `seal_broken`, when it is damaged or belongs elsewhere.
    Result<Secret> open(std::string_view sealed, std::string_view associated_data) const;

    /// Eight hexadecimal digits that name the key that seals, and say nothing about it.
    std::string key_id() const;

    /// Whether the key that seals now sealed this.
    bool is_current(std::string_view sealed) const noexcept;

    /// Whether this says that it was sealed under one of the keys that `open` tries.
    bool knows(std::string_view sealed) const noexcept;

    /// An independent key for another purpose, the same for the same label.
    Key derive(std::string_view label) const;

 private:
    struct KeyInUse {
        explicit KeyInUse(Key const& given);
        std::string_view header_text() const noexcept { return {header.data(), header.size()}; }

        Key key;
        std::array<char, 5> header;
    };

    std::vector<KeyInUse> keys_;  ///< The first one seals.
    std::optional<Key> root_{};
    std::shared_ptr<Random> random_;
};

/// A key as base64url or base64 of 32 bytes, or as 64 hexadecimal digits.
/// Errors: invalid_argument with reason `sealing_key_invalid`.
Result<Key> key_from_text(std::string_view text);

/// Any number of keys with commas or white space between them. Errors: as `key_from_text`.
Result<std::vector<Key>> keys_from_text(std::string_view text);

/// A fresh key in the text form that `key_from_text` reads: 43 characters of base64url.
Secret generate_key_text(Random& random);

}  // namespace nexpo::crypto
