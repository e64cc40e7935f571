// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl.hpp"

#include "nexpo/error.hpp"

namespace nexpo::crypto {

void throw_crypto_failed() {
    throw Exception(Error{.code = Errc::internal,
                          .reason = "crypto_failed",
                          .message = "The cryptographic library failed; it may lack memory or its default provider."});
}

MdCtxPtr copy_of(EVP_MD_CTX const* context) {
    MdCtxPtr copy(EVP_MD_CTX_new());
    require(copy != nullptr && EVP_MD_CTX_copy_ex(copy.get(), context) == 1);
    return copy;
}

}  // namespace nexpo::crypto
