# SPDX-License-Identifier: Apache-2.0
"""Compression as real clients do it: curl, and Python's gzip with its HTTP client."""

import gzip
import json
import subprocess
import urllib.error
import urllib.request

from host import HostTest, main

PASSWORD = "correct horse battery"


class Compression(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start("--gateway.body_bytes=20000", "--gateway.hsts_seconds=1000",
                               environment={"NEXPO_ADMIN_PASSWORD": PASSWORD})

    def send(self, path, body=None, **headers):
        """Status, headers and body."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        message = urllib.request.Request(self.host.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(message, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read()

    def curl(self, *arguments):
        return subprocess.run(["curl", "-sS", *arguments], capture_output=True, check=True, timeout=20).stdout

    def test_curl_gets_the_same_document_in_fewer_bytes(self):
        url = self.host.url + "/openapi.json"
        plain = self.curl(url)
        self.assertEqual(self.curl("--compressed", url), plain)
        sizes = [int(self.curl("-o", "/dev/null", "-w", "%{size_download}", *more, url)) for more in ([], ["--compressed"])]
        self.assertEqual(sizes[0], len(plain))
        self.assertLess(sizes[1] * 4, sizes[0])

    def test_python_reads_what_it_accepts(self):
        status, headers, packed = self.send("/openapi.json", Accept_Encoding="gzip")
        self.assertEqual((status, headers["Content-Encoding"], headers["Vary"]), (200, "gzip", "Accept-Encoding"))
        self.assertEqual(json.loads(gzip.decompress(packed))["openapi"], "3.1.0")
        status, headers, plain = self.send("/openapi.json", Accept_Encoding="identity")
        self.assertEqual((status, headers["Content-Encoding"]), (200, None))
        self.assertEqual(gzip.decompress(packed), plain)

    def test_bodies_may_come_compressed(self):
        login = json.dumps({"email": "owner@example.com", "password": PASSWORD}).encode()
        for body in (gzip.compress(login), gzip.compress(login[:9]) + gzip.compress(login[9:])):
            status, headers, answer = self.send("/auth/login", body, Content_Type="application/json",
                                                Content_Encoding="gzip", Accept_Encoding="gzip, identity;q=0")
            self.assertEqual(status, 200, answer)
            # Tokens are never compressed, whatever is asked for.
            self.assertIsNone(headers["Content-Encoding"])
            self.assertIn("access_token", json.loads(answer))

    def test_bodies_that_cannot_be_read_are_told_apart(self):
        login = gzip.compress(b"{}")
        for coding, body, status, reason in (
                ("br", login, 415, "encoding_unsupported"),
                ("gzip", login[:-1], 400, "encoding_malformed"),
                ("gzip", login + b"more", 400, "encoding_malformed"),
                ("gzip", gzip.compress(b" " * 20_001), 413, "body_too_large"),
                ("gzip", gzip.compress(b" " * 10_000_000, 9), 413, "body_too_large"),
                ("identity", b" " * 20_001, 413, "body_too_large")):
            with self.subTest(coding=coding, status=status):
                answered, headers, answer = self.send("/auth/login", body, Content_Type="application/json",
                                                      Content_Encoding=coding)
                self.assertEqual((answered, json.loads(answer)["reason"]), (status, reason))
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertIsNone(headers["Strict-Transport-Security"])


if __name__ == "__main__":
    main()
