# SPDX-License-Identifier: Apache-2.0
"""Limits on size, time and number."""

import os
import re
import time

from host import HostTest, eventually, main, request

MEBIBYTE = 1 << 20


class Sizes(HostTest):
    def test_large_header_is_answered_431(self):
        host = self.start()
        for what, raw in {
            "one long header": request(Padding="x" * 20_000),
            "many headers": request(**{f"Padding-{number}": "x" * 100 for number in range(300)}),
            "a long target": request("/" + "x" * 20_000),
            "without an end": b"GET / HTTP/1.1\r\nHost: test\r\nPadding: " + b"x" * 20_000,
        }.items():
            with self.subTest(what):
                client, reader = self.connect(host)
                client.sendall(raw)
                response = reader.response()
                self.assertEqual((response.status, response.headers["connection"]), (431, "close"))
                self.assertTrue(reader.at_end())

    def test_header_limit_holds_when_lines_arrive_one_by_one(self):
        host = self.start("--http.header_bytes=2048")
        client, reader = self.connect(host)
        client.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for number in range(400):
                client.sendall(b"Padding-%d: xxxxxxxxxx\r\n" % number)
                if reader.buffer:
                    break
        except (BrokenPipeError, ConnectionResetError):
            pass  # The answer came before the last line was sent.
        self.assertEqual(reader.response().status, 431)

    def test_header_just_below_the_limit_is_accepted(self):
        host = self.start()
        self.assertEqual(self.ask(host, request(Padding="x" * 15_000)).status, 200)

    def test_large_body_is_refused_by_its_length_before_it_is_sent(self):
        host = self.start()
        raw = b"POST /auth/login HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % (100 * MEBIBYTE)
        response = self.ask(host, raw)
        self.assertEqual((response.status, response.headers["connection"]), (413, "close"))
        self.assertEqual(response.json()["reason"], "body_too_large")

    def test_large_body_is_refused_instead_of_invited(self):
        host = self.start()
        raw = b"POST /auth/login HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        self.assertEqual(self.ask(host, raw % (100 * MEBIBYTE)).status, 413)

    def test_hundred_megabytes_sent_nevertheless_cost_no_memory(self):
        host = self.start()
        chunk = b"%x\r\n%s\r\n" % (MEBIBYTE, b"x" * MEBIBYTE)
        before = host.resident_kib()
        for head, piece in (
            (b"Content-Length: %d\r\n\r\n" % (100 * MEBIBYTE), b"x" * MEBIBYTE),
            (b"Transfer-Encoding: chunked\r\n\r\n", chunk),
        ):
            with self.subTest(head):
                client, reader = self.connect(host)
                client.sendall(b"POST /auth/login HTTP/1.1\r\nHost: test\r\n" + head)
                try:
                    for _ in range(100):
                        client.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # The server need not take all of it.
                self.assertEqual(reader.response().status, 413)
        limit = 65_536 if os.environ.get("NEXPO_SANITIZED") else 16_384
        self.assertLess(host.resident_kib() - before, limit)

    def test_body_of_just_the_limit_reaches_the_library(self):
        host = self.start("--gateway.body_bytes=1000")
        body = b'{"email":"nobody@example.com","password":"' + b"x" * 956 + b'"}'
        self.assertEqual(len(body), 1000)
        self.assertEqual(self.ask(host, request("/auth/login", "POST", body)).status, 401)
        self.assertEqual(self.ask(host, request("/auth/login", "POST", body + b" ")).status, 413)

    def test_pages_of_allowed_origins_can_read_every_refusal(self):
        origin = "https://app.example.com"
        host = self.start("--gateway.cors_origins=" + origin, "--http.body_seconds=1")
        head = f"POST /auth/login HTTP/1.1\r\nHost: t\r\nOrigin: {origin}\r\n".encode()
        for status, raw in ((413, head + b"Content-Length: 99999999\r\n\r\n"),
                            (417, head + b"Expect: wonders\r\n\r\n"),
                            (501, head + b"Transfer-Encoding: gzip\r\n\r\n"),
                            (431, head + b"X: " + b"x" * 20_000 + b"\r\n\r\n"),
                            (408, head + b"Content-Length: 5\r\n\r\n")):
            with self.subTest(status):
                response = self.ask(host, raw)
                self.assertEqual(response.status, status)
                self.assertEqual(response.headers["access-control-allow-origin"], origin)
                self.assertIn("Origin", response.headers["vary"])
                self.assertEqual(response.headers["x-content-type-options"], "nosniff")

    def test_refused_connections_are_answered_with_what_all_answers_have(self):
        host = self.start("--gateway.cors_origins=*", "--http.max_connections=1")
        client, _ = self.connect(host)
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        for _ in range(3):
            response = self.ask(host, request())
            self.assertEqual((response.status, response.headers["access-control-allow-origin"]), (503, "*"))


class Times(HostTest):
    def test_slow_header_is_answered_408(self):
        host = self.start("--http.header_seconds=1")
        client, reader = self.connect(host)
        begin = time.monotonic()
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost")
        response = reader.response()
        self.assertEqual((response.status, response.headers["connection"]), (408, "close"))
        self.assertGreater(time.monotonic() - begin, 0.9)
        self.assertTrue(reader.at_end())

    def test_slow_header_is_answered_408_although_bytes_keep_coming(self):
        host = self.start("--http.header_seconds=1")
        client, reader = self.connect(host)
        client.settimeout(0.05)
        client.sendall(b"GET /health/live HTTP/1.1\r\nPadding: ")

        def answered():
            client.sendall(b"x")
            try:
                return reader.response()
            except TimeoutError:
                return None

        self.assertEqual(eventually(answered, "the answer").status, 408)

    def test_slow_body_is_answered_408(self):
        host = self.start("--http.body_seconds=1")
        client, reader = self.connect(host)
        client.sendall(request("/auth/login", "POST", b"{}" * 100)[:-1])
        self.assertEqual(reader.response().status, 408)

    def test_idle_connection_is_closed_without_a_word(self):
        host = self.start("--http.idle_seconds=1")
        client, reader = self.connect(host)
        client.sendall(request())
        self.assertEqual(reader.response().status, 200)
        self.assertIsNone(reader.response())

    def test_silent_connection_is_closed_without_a_word(self):
        host = self.start("--http.header_seconds=1")
        _, reader = self.connect(host)
        self.assertIsNone(reader.response())

    def test_client_that_takes_no_answers_is_cut_off(self):
        host = self.start("--http.write_seconds=1", "--log.access=false")
        client, _ = self.connect(host)
        client.settimeout(0.2)
        batch = request("/openapi.json") * 100

        def cut_off():
            try:
                client.sendall(batch)
            except TimeoutError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True
            return False

        self.assertTrue(eventually(cut_off, "the connection to be reset"))


class Numbers(HostTest):
    def test_connections_over_the_limit_are_answered_503(self):
        host = self.start("--http.max_connections=3")
        kept = [self.connect(host) for _ in range(3)]
        for client, reader in kept:
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
            client.sendall(b"GET /health/live HTTP/1.1\r\n")  # An idle one would have to make room.
        client, reader = self.connect(host)
        client.sendall(request())
        response = reader.response()
        self.assertEqual((response.status, response.headers["connection"]), (503, "close"))
        self.assertEqual(response.json()["reason"], "too_many_connections")
        self.assertGreaterEqual(int(response.headers["retry-after"]), 1)

        for client, _ in kept:
            client.close()
        eventually(lambda: self.ask(host, request()).status == 200, "a place to become free")

    def test_threads_share_connections_evenly(self):
        host = self.start("--http.threads=2", "--log.access=false")
        folder = f"/proc/{host.process.pid}"

        def watched():
            """How many sockets each thread watches, by what the system tells of their epoll instances."""
            sockets = {name for name in os.listdir(f"{folder}/fd")
                       if os.readlink(f"{folder}/fd/{name}").startswith("socket:")}
            counts = []
            for name in os.listdir(f"{folder}/fdinfo"):
                with open(f"{folder}/fdinfo/{name}", encoding="utf-8") as info:
                    counts.append(len(sockets & set(re.findall(r"^tfd:\s+(\d+)", info.read(), re.MULTILINE))))
            return sorted(count for count in counts if count >= 5)

        for _ in range(20):
            client, reader = self.connect(host)
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
        self.assertEqual(watched(), [10, 10])

    def test_calls_over_the_limit_of_the_pool_are_answered_503(self):
        host = self.start("--http.blocking_threads=1", "--http.blocking_queue=0", "--limits.address_per_minute=0",
                          "--limits.account_per_minute=0")
        body = b'{"email":"owner@example.com","password":"wrong password"}'
        clients = [self.connect(host) for _ in range(8)]
        for client, _ in clients:
            client.sendall(request("/auth/login", "POST", body))
        responses = [reader.response() for _, reader in clients]
        refused = [response for response in responses if response.status == 503]
        self.assertTrue(refused)
        self.assertIn(401, {response.status for response in responses})
        self.assertEqual(refused[0].headers["retry-after"], "1")
        self.assertEqual(refused[0].json()["reason"], "server_busy")
        # Refusing a call does not end the connection, and other calls are answered all the time.
        client, reader = clients[responses.index(refused[0])]
        client.sendall(request())
        self.assertEqual(reader.response().status, 200)


if __name__ == "__main__":
    main()
