# SPDX-License-Identifier: Apache-2.0
"""Our tokens under other implementations, and theirs under ours: PyJWT, and joserfc where it is installed."""

import base64
import json
import os
import subprocess
import unittest

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

try:
    from joserfc import jwk as rfc_jwk, jws as rfc_jws
except ImportError:
    rfc_jwk = rfc_jws = None

PEER = os.environ.get("NEXPO_JOSE_PEER", "")
CLAIMS = {"sub": "usr_1", "aud": ["a", "b"], "n": 1.5, "text": "Grüße, \u4e16\u754c"}
SECRET = "a shared secret of thirty-two bytes and more"
FORMATS = serialization.PrivateFormat


def b64(number, size=None):
    data = number if isinstance(number, bytes) else number.to_bytes(size or (number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(key, form=FORMATS.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_jwk(key, algorithm):
    numbers = None if algorithm == "EdDSA" else key.public_key().public_numbers()
    if algorithm == "EdDSA":
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        members = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    elif algorithm == "ES256":
        members = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x, 32), "y": b64(numbers.y, 32)}
    else:
        members = {"kty": "RSA", "n": b64(numbers.n), "e": b64(numbers.e)}
    return members | {"alg": algorithm, "use": "sig", "kid": "peer"}


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen([PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        rsa_key = rsa.generate_private_key(65537, 2048)
        cls.keys = {"ES256": ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate(),
                    "RS256": rsa_key, "PS256": rsa_key}

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.wait(20)
        cls.process.stdout.close()

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def test_others_verify_what_we_sign(self):
        for algorithm, key in self.keys.items():
            for form in {"RS256": (FORMATS.PKCS8, FORMATS.TraditionalOpenSSL),
                         "ES256": (FORMATS.PKCS8, FORMATS.TraditionalOpenSSL)}.get(algorithm, (FORMATS.PKCS8,)):
                with self.subTest(algorithm=algorithm, form=form):
                    answer = self.ask(sign=CLAIMS, pem=pem(key, form), alg=algorithm, kid="peer")
                    self.assertEqual(answer["jwk"], public_jwk(key, algorithm))
                    token = answer["token"]
                    self.assertEqual(jwt.get_unverified_header(token),
                                     {"alg": algorithm, "kid": "peer", "typ": "JWT"})
                    self.assertEqual(jwt.decode(token, key.public_key(), [algorithm], {"verify_aud": False}), CLAIMS)
                    published = jwt.PyJWK(answer["jwk"]).key
                    self.assertEqual(jwt.decode(token, published, [algorithm], {"verify_aud": False}), CLAIMS)
                    if rfc_jws:
                        theirs = rfc_jwk.JWKRegistry.import_key(answer["jwk"])
                        self.assertEqual(json.loads(rfc_jws.deserialize_compact(token, theirs, [algorithm]).payload),
                                         CLAIMS)

    def test_we_verify_what_others_sign(self):
        jwks = {"keys": [public_jwk(key, algorithm) for algorithm, key in self.keys.items()]}
        for algorithm, key in self.keys.items():
            tokens = [jwt.encode(CLAIMS, key, algorithm, headers={"kid": "peer"}), jwt.encode(CLAIMS, key, algorithm)]
            if rfc_jws:
                theirs = rfc_jwk.JWKRegistry.import_key(pem(key), {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
                                                        .get(algorithm, "OKP"))
                tokens.append(rfc_jws.serialize_compact({"alg": algorithm}, json.dumps(CLAIMS), theirs, [algorithm]))
            for token in tokens:
                with self.subTest(algorithm=algorithm):
                    self.assertEqual(self.ask(verify=token, jwks=jwks), {"claims": CLAIMS})
                    head, body, signature = token.split(".")
                    changed = ("B" if signature[9] != "B" else "C").join((signature[:9], signature[10:]))
                    self.assertEqual(self.ask(verify=f"{head}.{body}.{changed}", jwks=jwks), {"error": "signature"})

    def test_a_key_serves_its_own_algorithm_only(self):
        key = self.keys["RS256"]
        jwks = {"keys": [public_jwk(key, "RS256")]}
        self.assertEqual(self.ask(verify=jwt.encode(CLAIMS, key, "PS256"), jwks=jwks), {"error": "algorithm"})
        self.assertEqual(self.ask(verify=jwt.encode(CLAIMS, key, "RS512"), jwks=jwks), {"error": "algorithm"})
        self.assertEqual(self.ask(verify=jwt.encode(CLAIMS, None, "none"), jwks=jwks), {"error": "algorithm"})

    def test_shared_secrets(self):
        jwks = {"keys": [{"kty": "oct", "k": b64(SECRET.encode()), "alg": "HS256", "kid": "peer"}]}
        self.assertEqual(self.ask(verify=jwt.encode(CLAIMS, SECRET, "HS256"), jwks=jwks), {"claims": CLAIMS})
        ours = self.ask(sign=CLAIMS, secret=SECRET, alg="HS256", kid="peer")["token"]
        self.assertEqual(jwt.decode(ours, SECRET, ["HS256"], {"verify_aud": False}), CLAIMS)


if __name__ == "__main__":
    if not PEER:
        raise SystemExit("NEXPO_JOSE_PEER must name the program under test")
    unittest.main(verbosity=2)
