// SPDX-License-Identifier: Apache-2.0
// The examples in the appendices of the RFCs; those of RFC 7520 are among the Wycheproof vectors.
#include <gtest/gtest.h>

#include <string>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/ed25519_key.hpp"
#include "crypto/jwk.hpp"
#include "crypto/jws.hpp"
#include "crypto/private_key.hpp"

namespace nexpo::crypto {
namespace {

constexpr auto kEd25519Public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr auto kEd25519Private = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr auto kEd25519Input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr auto kEd25519Signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

Json ed25519_jwk() {
    return Json::Object{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", kEd25519Public}};
}

/// The private key of RFC 8037 appendix A.1 as PKCS #8 (RFC 8410 section 7).
std::string ed25519_der() {
    return base::hex_decode("302e020100300506032b657004220420").value() +
           base::base64url_decode(kEd25519Private).value();
}

TEST(JoseExamples, Rfc8037ThumbprintOfAnEd25519Key) {  // Appendix A.3
    EXPECT_EQ(read_jwk(ed25519_jwk(), {}).value().key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(JoseExamples, Rfc8037SigningWithEd25519) {  // Appendix A.4
    auto const key = private_key_from_der(ed25519_der());
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(base::base64url_encode(ed25519_sign(ed25519_signer(key.get()).get(), kEd25519Input)), kEd25519Signature);
}

TEST(JoseExamples, Rfc8037VerifyingWithEd25519) {  // Appendix A.5
    auto const key = read_jwk(ed25519_jwk(), {}).value();
    auto const signature = base::base64url_decode(kEd25519Signature).value();
    EXPECT_TRUE(key.verify(kEd25519Input, signature));
    EXPECT_FALSE(key.verify(std::string(kEd25519Input) + "x", signature));
    EXPECT_EQ(SigningKey::from_private_der(ed25519_der(), JwsAlgorithm::eddsa).value().key_id(), key.key_id());
}

TEST(JoseExamples, Rfc7515Rs256) {  // Appendix A.2
    auto const key =
        read_jwk(
            Json::Object{{"kty", "RSA"},
                         {"n",
                          "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0"
                          "Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXnd"
                          "S5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5Ihl"
                          "JH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
                         {"e", "AQAB"}},
            {})
            .value();
    auto const claims = verify_jws(
        "eyJhbGciOiJSUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9"
        "CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn"
        "6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
        "p0igcN_IoypGlUPQGe77Rw",
        {&key, 1}, {});
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->find("iss")->if_string() != nullptr ? *claims->find("iss")->if_string() : "", "joe");
}

}  // namespace
}  // namespace nexpo::crypto
