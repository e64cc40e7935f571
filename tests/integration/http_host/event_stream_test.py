# SPDX-License-Identifier: Apache-2.0
"""Server-sent events."""

import json
import os
import signal
import socket
import subprocess
import time

from events import OWNER, PASSWORD, EventTest, email_of
from host import DEADLINE, eventually, main, request
from tls_test import TlsTest


class Stream(EventTest):
    def test_events_come_as_they_happen(self):
        host = self.start_host()
        token = self.sign_in(host)
        _, chunks, head = self.open_stream(host, token)
        lower = head.lower()
        for header in ("content-type: text/event-stream", "cache-control: no-cache", "transfer-encoding: chunked",
                       "x-request-id: req_", "x-content-type-options: nosniff"):
            self.assertIn(header, lower)
        for header in ("content-encoding", "content-length"):
            self.assertNotIn(header, lower)
        self.add_user(host, token, "ada")
        event = chunks.event()
        data = json.loads(event["data"])
        self.assertEqual(event["event"], "user.created")
        self.assertEqual(event["id"], data["id"])
        self.assertEqual(data["name"], "user.created")
        self.assertEqual(data["payload"]["email"], "ada@example.com")
        self.assertEqual(self.gauge(host, 'nexpo_open_streams{door="sse"}'), 1)

    def test_a_client_goes_on_behind_the_last_event(self):
        host = self.start_host()
        token = self.sign_in(host)
        client, chunks, _ = self.open_stream(host, token)
        for name in ("a", "b", "c"):
            self.add_user(host, token, name)
        first = chunks.event()
        client.close()
        _, again, _ = self.open_stream(host, token, Last_Event_ID=first["id"])
        self.assertEqual([email_of(again.event()), email_of(again.event())], ["b", "c"])
        _, by_query, _ = self.open_stream(host, token, "?after=" + first["id"])
        self.assertEqual(email_of(by_query.event()), "b")
        # What a client says that comes back stands above the address that it began with.
        last = by_query.event()
        _, both, _ = self.open_stream(host, token, "?after=" + first["id"], Last_Event_ID=last["id"])
        self.add_user(host, token, "d")
        self.assertEqual(email_of(both.event()), "d")

    def test_events_are_filtered(self):
        host = self.start_host()
        token = self.sign_in(host)
        _, chunks, _ = self.open_stream(host, token, "?events=user.removed&events=user.updated")
        self.add_user(host, token, "ada")
        users = self.call(host, token, "/users").json()["items"]
        ada = next(user["id"] for user in users if user["email"] == "ada@example.com")
        self.call(host, token, f"/users/{ada}", "DELETE")
        self.assertEqual(chunks.event()["event"], "user.removed")

    def test_refusals_are_ordinary_answers(self):
        host = self.start_host("--limits.streams_per_caller=1")
        token = self.sign_in(host)

        def refused(query="", **headers):
            answer = self.ask(host, request("/events/stream" + query, **headers))
            self.assertEqual(answer.headers["content-type"], "application/problem+json")
            return answer.status, answer.json()["reason"]

        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(refused(), (401, "sign_in_required"))
        self.assertEqual(refused(Authorization="Bearer nonsense"), (401, "token_invalid"))
        self.assertEqual(refused("?after=evt_01h455vb4pex5vsknk084sn02q", **bearer), (400, "event_too_old"))
        self.assertEqual(refused("?after=nonsense", **bearer), (400, "validation_failed"))
        self.assertEqual(refused(Last_Event_ID="x" * 100, **bearer), (400, "validation_failed"))
        self.assertEqual(refused("?events=usr.*", **bearer), (400, "validation_failed"))
        self.assertEqual(refused("?event=user.created", **bearer), (400, "validation_failed"))
        self.assertEqual(refused(Accept="application/json", **bearer), (406, "not_acceptable"))
        self.open_stream(host, token)
        self.assertEqual(refused(**bearer), (429, "too_many_streams"))
        post = self.ask(host, request("/events/stream", "POST", b"{}", **bearer))
        self.assertEqual(post.status, 405)
        head = self.ask(host, request("/events/stream", "HEAD", **bearer), "HEAD")
        self.assertEqual(head.status, 429)

    def test_old_clients_get_a_plain_body(self):
        host = self.start_host()
        token = self.sign_in(host)
        client, _ = self.connect(host)
        client.sendall(f"GET /events/stream HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        text = b""
        while b"retry: " not in text:
            text += client.recv(65536)
        self.assertNotIn(b"Transfer-Encoding", text)
        self.assertIn(b"\r\nConnection: close\r\n", text)
        self.add_user(host, token, "ada")
        while b"ada@example.com" not in text:
            text += client.recv(65536)

    def test_a_silent_stream_shows_that_it_lives(self):
        host = self.start_host("--http.heartbeat_seconds=1")
        _, chunks, _ = self.open_stream(host, self.sign_in(host))
        begin = time.monotonic()
        self.assertEqual([chunks.block(), chunks.block()], [{"": ":"}, {"": ":"}])
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_session_that_ends_ends_its_streams(self):
        host = self.start_host()
        token = self.sign_in(host)
        _, chunks, _ = self.open_stream(host, token)
        self.assertEqual(self.call(host, token, "/auth/logout", "POST", {}).status, 204)
        begin = time.monotonic()
        event = chunks.event()
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(event["event"], "stream.ended")
        self.assertNotIn("id", event)
        self.assertEqual(json.loads(event["data"])["reason"], "session_ended")
        self.assertIsNone(chunks.event())

    def test_a_client_that_vanishes_is_noticed(self):
        host = self.start_host()
        token = self.sign_in(host)
        client, _, _ = self.open_stream(host, token)
        self.assertEqual(self.gauge(host, "nexpo_event_subscriptions"), 1)
        client.close()
        eventually(lambda: self.gauge(host, "nexpo_event_subscriptions") == 0, "the subscription to end")
        lines = eventually(lambda: [line for line in host.access() if line["path"] == "/events/stream"], "its line")
        self.assertEqual(lines[0]["status"], 200)

    def test_a_client_that_does_not_read_is_cut_off(self):
        host = self.start_host("--http.write_seconds=1")
        token = self.sign_in(host)
        client, _ = self.connect(host)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(request("/events/stream", Authorization=f"Bearer {token}"))
        before = host.resident_kib()
        writer, answers = self.connect(host)
        written = 0
        while written == 0 or self.gauge(host, "nexpo_event_subscriptions") == 1:
            self.assertLess(written, 100_000, "it was never cut off")
            for _ in range(500):
                written += 1
                body = json.dumps({"email": f"user{written}-{'x' * 40}@example.com", "name": "x" * 200}).encode()
                writer.sendall(request("/users", "POST", body, Authorization=f"Bearer {token}"))
                self.assertEqual(answers.response().status, 201)
        # AddressSanitizer keeps what was freed for a while: up to 256 MB.
        limit = 320 if "NEXPO_SANITIZED" in os.environ else 64
        self.assertLess(host.resident_kib() - before, limit * 1024)

    def test_streams_end_in_good_order_with_the_server(self):
        host = self.start_host()
        token = self.sign_in(host)
        streams = [self.open_stream(host, token)[1] for _ in range(5)]
        host.signal(signal.SIGTERM)
        for chunks in streams:
            self.assertIsNone(chunks.event())
            self.assertTrue(chunks.ended)
        self.assertEqual(host.wait(), 0)
        self.assertNotIn("cut off", host.errors())

    def test_curl_reads_it(self):
        host = self.start_host()
        token = self.sign_in(host)
        with subprocess.Popen(["curl", "-sN", f"{host.url}/events/stream", "-H", f"Authorization: Bearer {token}"],
                              stdout=subprocess.PIPE, text=True) as curl:
            self.assertTrue(curl.stdout.readline().startswith("retry: "))
            self.add_user(host, token, "ada")
            lines = [curl.stdout.readline().strip() for _ in range(4)]
            self.assertEqual(lines[2], "event: user.created")
            curl.terminate()


class SecureStream(TlsTest, EventTest):
    def test_events_come_over_tls(self):
        host = self.start_tls("--http.heartbeat_seconds=1", f"--admin.password={PASSWORD}")
        client, reader = self.secure(host)
        body = json.dumps({"email": OWNER, "password": PASSWORD}).encode()
        client.sendall(request("/auth/login", "POST", body))
        bearer = {"Authorization": f"Bearer {reader.response().json()['access_token']}"}
        stream, stream_reader = self.secure(host)
        stream.sendall(request("/events/stream", **bearer))
        while b"retry" not in stream_reader.buffer:
            self.assertTrue(stream_reader._fill())
        client.sendall(request("/users", "POST", b'{"email":"ada@example.com"}', **bearer))
        self.assertEqual(reader.response().status, 201)
        while b"ada@example.com" not in stream_reader.buffer:
            self.assertTrue(stream_reader._fill())
        while b"\r\n:\n\n" not in stream_reader.buffer:
            self.assertTrue(stream_reader._fill())
        stream.close()
        end = time.monotonic() + DEADLINE

        def ended():
            client.sendall(request("/metrics"))
            return b"nexpo_event_subscriptions 0" in reader.response().body

        while not ended():
            self.assertLess(time.monotonic(), end)


if __name__ == "__main__":
    main()
