# SPDX-License-Identifier: Apache-2.0
"""Requests that two servers in a row could read differently; tests/unit/http/request_framing_test.cpp has many more."""

from host import HostTest, main, request

BODY = b"0\r\n\r\n"
EVIL = b"GET /health/live?evil HTTP/1.1\r\nHost: t\r\n\r\n"


def post(*lines):
    return b"POST /auth/login HTTP/1.1\r\nHost: t\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + BODY


def chunked(body):
    return b"POST /auth/login HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + body


REFUSED = {
    "both lengths": (400, post(b"Content-Length: 5", b"Transfer-Encoding: chunked")),
    "both lengths, reversed": (400, post(b"Transfer-Encoding: chunked", b"Content-Length: 5")),
    "two equal lengths": (400, post(b"Content-Length: 5", b"Content-Length: 5")),
    "two lengths": (400, post(b"Content-Length: 5", b"Content-Length: 50")),
    "a list of lengths": (400, post(b"Content-Length: 5, 5")),
    "signed length": (400, post(b"Content-Length: +5")),
    "length in hex": (400, post(b"Content-Length: 0x5")),
    "length of no integer": (400, post(b"Content-Length: 99999999999999999999999")),
    "unknown coding": (501, post(b"Transfer-Encoding: xchunked")),
    "chunked is not last": (501, post(b"Transfer-Encoding: chunked, identity")),
    "coding in two lines": (400, post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: cow")),
    "coding behind a fold": (400, post(b"X: y", b" Transfer-Encoding: chunked")),
    "coding in a fold": (400, post(b"Transfer-Encoding:", b" chunked")),
    "coding with a space": (400, post(b"Transfer-Encoding : chunked")),
    "coding behind a line feed": (400, post(b"X: y\nTransfer-Encoding: chunked")),
    "coding with a vertical tab": (400, post(b"Transfer-Encoding: \x0bchunked")),
    "chunks in HTTP/1.0": (400, b"POST /auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY),
    "chunk size in C": (400, chunked(b"0x1\r\nx\r\n0\r\n\r\n")),
    "chunk without its end": (400, chunked(b"1\r\nxx\r\n0\r\n\r\n")),
    "chunk size too large": (400, chunked(b"fffffffffffffffff\r\nx\r\n0\r\n\r\n")),
    "line feed in an extension": (400, chunked(b'1;a="\n"\r\nx\r\n0\r\n\r\n')),
    "long extensions": (400, chunked((b"1;" + b"a" * 1000 + b"\r\nx\r\n") * 100 + b"0\r\n\r\n")),
    "many trailers": (431, chunked(b"0\r\n" + b"X: y\r\n" * 200 + b"\r\n")),
    "long trailers": (400, chunked(b"0\r\n" + b"X: " + b"y" * 20_000 + b"\r\n\r\n")),
    "many headers": (431, request(**{f"H-{number}": "x" for number in range(150)})),
    "CONNECT": (501, b"CONNECT t:443 HTTP/1.1\r\nHost: t:443\r\n\r\n"),
    "HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /health/live\r\n"),
    "bad host": (400, b"GET /health/live HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    "bare carriage return": (400, b"GET /health/live HTTP/1.1\r\nHost: t\rX: y\r\n\r\n"),
}


class Framing(HostTest):
    def test_nothing_behind_a_refused_request_is_read(self):
        host = self.start()
        for what, (status, raw) in REFUSED.items():
            with self.subTest(what):
                client, reader = self.connect(host)
                client.sendall(raw + EVIL)
                response = reader.response()
                self.assertEqual((response.status, response.headers["connection"]), (status, "close"))
                self.assertEqual(response.headers["content-type"], "application/problem+json")
                self.assertTrue(reader.at_end(), "the second request was answered")
        self.assertNotIn("evil", host.errors())

    def test_header_count_can_be_set(self):
        host = self.start("--http.header_count=10")
        self.assertEqual(self.ask(host, request(**{f"H-{number}": "x" for number in range(9)})).status, 200)
        self.assertEqual(self.ask(host, request(**{f"H-{number}": "x" for number in range(10)})).status, 431)

    def test_refused_expectations_never_invite_the_body(self):
        host = self.start()
        head = b"POST /auth/login HTTP/1.1\r\nHost: t\r\n"
        for status, lines in ((417, b"Expect: 100-continue, wonders\r\nContent-Length: 5\r\n\r\n"),
                              (417, b"Expect: 100-continue\r\nExpect: wonders\r\nContent-Length: 5\r\n\r\n"),
                              (413, b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"),
                              (501, b"Expect: 100-continue\r\nTransfer-Encoding: gzip\r\n\r\n")):
            client, reader = self.connect(host)
            client.sendall(head + lines)
            self.assertEqual(reader.response().status, status)
            self.assertTrue(reader.at_end())

    def test_expectation_with_chunks_is_invited(self):
        host = self.start()
        client, reader = self.connect(host)
        client.sendall(b"POST /auth/login HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
                       b"Content-Type: application/json\r\n\r\n")
        self.assertEqual(reader.response().status, 100)
        client.sendall(b"2\r\n{}\r\n0\r\n\r\n" + request())
        self.assertEqual([reader.response().status for _ in range(2)], [400, 200])


if __name__ == "__main__":
    main()
