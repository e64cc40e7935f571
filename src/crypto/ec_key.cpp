// SPDX-License-Identifier: Apache-2.0
#include "crypto/ec_key.hpp"

#include <algorithm>
#include <array>

#include "crypto/digest.hpp"

namespace nexpo::crypto {
namespace {

constexpr char kCurve[] = "P-256";

std::string coordinate(EVP_PKEY const* key, char const* name) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    BignumPtr const owned(number);
    std::string bytes(kP256Size, '\0');
    require(BN_bn2binpad(number, raw(bytes), kP256Size) == kP256Size);
    return bytes;
}

/// A number without leading zeros, but one where it would look negative (X.690 section 8.3).
void append_integer(std::string& der, std::string_view number) {
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size() - 1));
    bool const looks_negative = static_cast<unsigned char>(number.front()) >= 0x80;
    der.append(1, '\x02').append(1, static_cast<char>(number.size() + (looks_negative ? 1 : 0)));
    if (looks_negative) der.append(1, '\0');
    der.append(number);
}

/// OpenSSL's form of a signature (RFC 3279 section 2.2.3).
std::string der_of(std::string_view signature) {
    std::string der("\x30\x00", 2);
    der.reserve(2 + 2 * (kP256Size + 3));
    append_integer(der, signature.substr(0, kP256Size));
    append_integer(der, signature.substr(kP256Size));
    der[1] = static_cast<char>(der.size() - 2);
    return der;
}

}  // namespace

PkeyPtr generate_p256() {
    ErrorScope const errors;
    return PkeyPtr(EVP_EC_gen(kCurve));
}

bool is_p256(EVP_PKEY const* key) {
    std::array<char, 32> name{};
    return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
           std::string_view(name.data()) == SN_X9_62_prime256v1;
}

PkeyPtr p256_from_point(EcPoint const& point) {
    if (point.x.size() != kP256Size || point.y.size() != kP256Size) return nullptr;
    ErrorScope const errors;
    constexpr char kUncompressed = 0x04;  // SEC 1 section 2.3.3
    auto const encoded = kUncompressed + point.x + point.y;
    ParamBuilderPtr const builder(OSSL_PARAM_BLD_new());
    require(builder != nullptr);
    require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) == 1);
    require(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) ==
            1);
    ParamsPtr const params(OSSL_PARAM_BLD_to_param(builder.get()));
    PkeyCtxPtr const context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    require(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) return nullptr;
    PkeyPtr key(made);
    PkeyCtxPtr const check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
    return key;
}

EcPoint point_of(EVP_PKEY const* key) {
    return {.x = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X), .y = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y)};
}

PkeyCtxPtr p256_signer(EVP_PKEY* key) {
    PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
    return context;
}

PkeyCtxPtr p256_verifier(EVP_PKEY* key) {
    PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(context != nullptr && EVP_PKEY_verify_init(context.get()) == 1);
    return context;
}

std::string p256_sign(PkeyContexts const& signer, std::string_view data) {
    ErrorScope const errors;
    auto const digest = sha256(data);
    auto const context = signer.take();
    std::array<unsigned char, 128> der{};
    auto size = der.size();
    require(EVP_PKEY_sign(context.get(), der.data(), &size, raw(text_of(digest)), digest.size()) == 1);
    unsigned char const* position = der.data();
    EcdsaSigPtr const parts(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(size)));
    require(parts != nullptr);
    std::string signature(2 * kP256Size, '\0');
    require(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), raw(signature), kP256Size) == kP256Size);
    require(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), raw(signature) + kP256Size, kP256Size) == kP256Size);
    return signature;
}

bool p256_verify(PkeyContexts const& verifier, std::string_view data, std::string_view signature) {
    if (signature.size() != 2 * kP256Size) return false;
    ErrorScope const errors;
    auto const der = der_of(signature);
    auto const digest = sha256(data);
    auto const context = verifier.take();
    return EVP_PKEY_verify(context.get(), raw(der), der.size(), raw(text_of(digest)), digest.size()) == 1;
}

}  // namespace nexpo::crypto
