# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as clients speak it."""

import re
import socket

from host import HostTest, Reader, eventually, main, request


class Protocol(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start()

    def test_connection_is_kept_for_further_requests(self):
        client, reader = self.connect(self.host)
        for number in range(5):
            client.sendall(request(X_Request_Id=f"keep-{number}"))
            response = reader.response()
            self.assertEqual((response.status, response.headers["x-request-id"]), (200, f"keep-{number}"))
            self.assertNotIn("connection", response.headers)

    def test_response_carries_date_and_length(self):
        response = self.ask(self.host, request())
        self.assertRegex(response.headers["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.assertIn("content-length", response.headers)
        self.assertNotIn("server", response.headers)

    def test_fifty_pipelined_requests_are_answered_in_order(self):
        client, reader = self.connect(self.host)
        client.sendall(b"".join(request(X_Request_Id=f"pipe-{number}") for number in range(50)))
        answered = [reader.response().headers["x-request-id"] for _ in range(50)]
        self.assertEqual(answered, [f"pipe-{number}" for number in range(50)])

    def test_pipelined_requests_that_block_and_do_not_are_answered_in_order(self):
        client, reader = self.connect(self.host)
        login = b'{"email":"nobody@example.com","password":"wrong password"}'
        batch = [request(X_Request_Id="a"), request("/auth/login", "POST", login, X_Request_Id="b"),
                 request(X_Request_Id="c")]
        client.sendall(b"".join(batch))
        responses = [reader.response() for _ in batch]
        self.assertEqual([response.headers["x-request-id"] for response in responses], ["a", "b", "c"])
        self.assertEqual(responses[2].status, 200)

    def test_request_may_arrive_byte_by_byte(self):
        client, reader = self.connect(self.host)
        body = b'{"email":"nobody@example.com","password":"wrong password"}'
        for byte in request("/auth/login", "POST", body):
            client.sendall(bytes([byte]))
        self.assertEqual(reader.response().status, 401)

    def test_chunked_body_is_read_and_its_trailers_are_not_headers(self):
        body = b'{"email":"nobody@example.com","password":"wrong password"}'
        chunks = b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]))
        head = (b"POST /auth/login HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
        client, reader = self.connect(self.host)
        client.sendall(head + chunks + b"0\r\nX-Request-Id: trailer\r\n\r\n" + request(X_Request_Id="next"))
        first = reader.response()
        self.assertEqual(first.status, 401)
        self.assertNotEqual(first.headers["x-request-id"], "trailer")
        self.assertEqual(reader.response().headers["x-request-id"], "next")

    def test_head_has_no_body(self):
        client, reader = self.connect(self.host)
        client.sendall(request(method="HEAD") + request(X_Request_Id="after"))
        self.assertEqual(reader.response("HEAD").status, 200)
        self.assertEqual(reader.response().headers["x-request-id"], "after")

    def test_http_1_0_ends_the_connection_unless_asked_to_keep_it(self):
        client, reader = self.connect(self.host)
        client.sendall(b"GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        self.assertEqual(reader.response().headers["connection"], "keep-alive")
        client.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
        response = reader.response()
        self.assertEqual((response.status, response.headers["connection"]), (200, "close"))
        self.assertTrue(reader.at_end())

    def test_connection_close_is_obeyed(self):
        client, reader = self.connect(self.host)
        client.sendall(request(Connection="close") + request())
        self.assertEqual(reader.response().headers["connection"], "close")
        self.assertTrue(reader.at_end())

    def test_expect_100_continue_is_answered_before_the_body(self):
        client, reader = self.connect(self.host)
        body = b'{"email":"nobody@example.com","password":"wrong password"}'
        raw = request("/auth/login", "POST", body, Expect="100-continue")
        client.sendall(raw[:-len(body)])
        self.assertEqual(reader.response().status, 100)
        client.sendall(body)
        self.assertEqual(reader.response().status, 401)

    def test_other_expectations_are_refused(self):
        self.assertEqual(self.ask(self.host, request(Expect="the-moon")).status, 417)

    def test_client_that_stops_sending_still_gets_its_answer(self):
        client, reader = self.connect(self.host)
        client.sendall(request())
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(reader.response().status, 200)

    def test_empty_lines_before_a_request_are_ignored(self):
        self.assertEqual(self.ask(self.host, b"\r\n\r\n" + request()).status, 200)

    def test_absolute_target_is_understood(self):
        self.assertEqual(self.ask(self.host, request("http://test/health/live")).status, 200)

    def test_malformed_requests_are_answered_400_and_end_the_connection(self):
        malformed = {
            "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello\r\n\r\n",
            "no version": b"GET /health/live\r\n\r\n",
            "version 3": b"GET /health/live HTTP/3.0\r\nHost: test\r\n\r\n",
            "space in the target": b"GET /health live HTTP/1.1\r\nHost: test\r\n\r\n",
            "space before the colon": b"GET /health/live HTTP/1.1\r\nHost : test\r\n\r\n",
            "bare line feeds": b"GET /health/live HTTP/1.1\nHost: test\n\n",
            "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
            "two hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "length and chunks": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                                 b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "chunk size is no number": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            "null in a header": b"GET /health/live HTTP/1.1\r\nHost: te\0st\r\n\r\n",
        }
        for what, raw in malformed.items():
            with self.subTest(what):
                client, reader = self.connect(self.host)
                client.sendall(raw)
                response = reader.response()
                self.assertEqual(response.status, 400)
                self.assertEqual(response.headers["connection"], "close")
                self.assertEqual(response.headers["content-type"], "application/problem+json")
                self.assertEqual(response.json()["reason"], "request_malformed")
                self.assertTrue(reader.at_end())

    def test_access_line_tells_the_request_but_no_secret(self):
        response = self.ask(self.host, request("/health/live?token=hush", Authorization="Bearer hush"))
        line = eventually(lambda: self.host.access()[:1], "the access line")[0]
        self.assertEqual(line["method"], "GET")
        self.assertEqual(line["path"], "/health/live")
        self.assertEqual(line["status"], response.status)
        self.assertEqual(line["bytes"], len(response.body))
        self.assertEqual(line["peer"], "127.0.0.1")
        self.assertEqual(line["request_id"], response.headers["x-request-id"])
        self.assertGreaterEqual(line["duration_ms"], 0)
        self.assertTrue(re.match(r"\d{4}-\d\d-\d\dT", line["time"]))
        self.assertNotIn("hush", self.host.errors())


class Addresses(HostTest):
    def test_ipv6_is_served(self):
        host = self.start("--http.address=::1")
        self.assertTrue(host.url.startswith("http://[::1]:"))
        self.assertEqual(self.ask(host, request()).status, 200)
        self.assertEqual(eventually(host.access, "the access line")[0]["peer"], "::1")

    def test_ipv4_clients_of_an_ipv6_socket_have_plain_addresses(self):
        host = self.start("--http.address=::")
        client = socket.create_connection(("127.0.0.1", host.address[1]), timeout=10)
        self.addCleanup(client.close)
        client.sendall(request())
        self.assertEqual(Reader(client).response().status, 200)
        self.assertEqual(eventually(host.access, "the access line")[0]["peer"], "127.0.0.1")


if __name__ == "__main__":
    main()
