// SPDX-License-Identifier: Apache-2.0
#include "crypto/rsa_key.hpp"

#include "crypto/digest.hpp"

namespace nexpo::crypto {
namespace {

constexpr int kLeastBits = 2048;
constexpr int kMostBits = 8192;
constexpr int kMostExponentBits = 32;

BignumPtr number(EVP_PKEY const* key, char const* name) {
    BIGNUM* found = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &found) == 1);
    return BignumPtr(found);
}

std::string bytes_of(BIGNUM const* number) {
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, raw(bytes));
    return bytes;
}

bool is_plain(std::string const& number) {
    return !number.empty() && number.front() != '\0' && number.size() <= kMostBits / 8;
}

void set_padding(EVP_PKEY_CTX* context, RsaPadding padding) {
    require(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
    if (padding == RsaPadding::pkcs1) {
        require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1);
        return;
    }
    require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1);
    require(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1);
    require(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

}  // namespace

PkeyPtr rsa_from_numbers(RsaNumbers const& numbers) {
    if (!is_plain(numbers.n) || !is_plain(numbers.e)) return nullptr;
    ErrorScope const errors;
    BignumPtr const n(BN_bin2bn(raw(numbers.n), static_cast<int>(numbers.n.size()), nullptr));
    BignumPtr const e(BN_bin2bn(raw(numbers.e), static_cast<int>(numbers.e.size()), nullptr));
    ParamBuilderPtr const builder(OSSL_PARAM_BLD_new());
    require(n != nullptr && e != nullptr && builder != nullptr);
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
    ParamsPtr const params(OSSL_PARAM_BLD_to_param(builder.get()));
    PkeyCtxPtr const context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    require(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) return nullptr;
    PkeyPtr key(made);
    return is_sound_rsa(key.get()) ? std::move(key) : nullptr;
}

bool is_sound_rsa(EVP_PKEY const* key) {
    if (EVP_PKEY_is_a(key, "RSA") != 1) return false;
    auto const n = number(key, OSSL_PKEY_PARAM_RSA_N);
    auto const e = number(key, OSSL_PKEY_PARAM_RSA_E);
    auto const bits = BN_num_bits(n.get());
    return bits >= kLeastBits && bits <= kMostBits && BN_is_odd(n.get()) && BN_is_odd(e.get()) &&
           BN_is_one(e.get()) == 0 && BN_num_bits(e.get()) <= kMostExponentBits;
}

RsaNumbers rsa_numbers_of(EVP_PKEY const* key) {
    return {.n = bytes_of(number(key, OSSL_PKEY_PARAM_RSA_N).get()),
            .e = bytes_of(number(key, OSSL_PKEY_PARAM_RSA_E).get())};
}

PkeyCtxPtr rsa_signer(EVP_PKEY* key, RsaPadding padding) {
    PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
    set_padding(context.get(), padding);
    return context;
}

PkeyCtxPtr rsa_verifier(EVP_PKEY* key, RsaPadding padding) {
    PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    require(context != nullptr && EVP_PKEY_verify_init(context.get()) == 1);
    set_padding(context.get(), padding);
    return context;
}

std::string rsa_sign(PkeyContexts const& signer, std::string_view data) {
    ErrorScope const errors;
    auto const digest = sha256(data);
    auto const context = signer.take();
    std::string signature(kMostBits / 8, '\0');
    auto size = signature.size();
    require(EVP_PKEY_sign(context.get(), raw(signature), &size, raw(text_of(digest)), digest.size()) == 1);
    signature.resize(size);
    return signature;
}

bool rsa_verify(PkeyContexts const& verifier, std::string_view data, std::string_view signature) {
    ErrorScope const errors;
    auto const digest = sha256(data);
    auto const context = verifier.take();
    return EVP_PKEY_verify(context.get(), raw(signature), signature.size(), raw(text_of(digest)), digest.size()) == 1;
}

}  // namespace nexpo::crypto
