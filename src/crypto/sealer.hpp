// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/key.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::crypto {

/// Encrypts and authenticates data at rest with AES-256-GCM. The associated data says what the sealed data belongs to
/// (a table, a column, a record), so that it opens nowhere else. Thread-safe; copies share nothing.
///
/// Sealed form: version 1 (1 byte), key id (4), nonce (12), ciphertext, tag (16). The nonce is random, so one key
/// serves 2^32 seals (NIST SP 800-38D section 8.3).
class Sealer {
 public:
    Sealer(Key const& key, std::shared_ptr<Random> random);

    /// The configured key: base64url or base64 of 32 bytes, or 64 hexadecimal digits.
    /// Errors: invalid_argument with reason `sealing_key_invalid`.
    static Result<Sealer> from_text(Secret const& text, std::shared_ptr<Random> random);

    /// Throws only what `Random` throws.
    std::string seal(std::string_view plaintext, std::string_view associated_data) const;

    /// Errors: failed_precondition with reason `sealing_key_unknown`, when another key sealed it; data_loss with
    /// reason `seal_broken`, when it is damaged or belongs elsewhere.
    Result<Secret> open(std::string_view sealed, std::string_view associated_data) const;

    /// An independent key for another purpose, the same for the same label.
    Key derive(std::string_view label) const;

 private:
    Key key_;
    std::array<char, 5> header_;
    std::shared_ptr<Random> random_;
};

/// A fresh key in the text form that `Sealer::from_text` reads: 43 characters of base64url.
Secret generate_key_text(Random& random);

}  // namespace nexpo::crypto
