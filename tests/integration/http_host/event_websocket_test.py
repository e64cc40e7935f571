# SPDX-License-Identifier: Apache-2.0
"""Events over WebSocket (RFC 6455), with clients that do not keep to the rules."""

import json
import os
import signal
import socket
import sqlite3
import struct
import time

from events import EventTest, Socket
from host import eventually, main, request


class WebSocket(EventTest):
    def test_events_come_as_they_happen(self):
        host = self.start_host()
        token = self.sign_in(host)
        ours = self.open_socket(host)
        ours.say(type="subscribe", token=token, events=["user.*"])
        self.assertEqual(ours.message(), {"type": "subscribed"})
        with_header = self.open_socket(host, Authorization=f"Bearer {token}")
        with_header.say(type="subscribe")
        self.assertEqual(with_header.message(), {"type": "subscribed"})
        self.assertEqual(self.gauge(host, 'nexpo_open_streams{door="websocket"}'), 2)
        self.add_user(host, token, "ada")
        events = [one.message() for one in (ours, with_header)]
        self.assertEqual(events[0], events[1])
        self.assertEqual(events[0]["event"]["payload"]["email"], "ada@example.com")
        self.add_user(host, token, "grace")
        resumed = self.open_socket(host)
        resumed.say(type="subscribe", token=token, after=events[0]["event"]["id"])
        self.assertEqual(resumed.message(), {"type": "subscribed"})
        self.assertEqual(resumed.message()["event"]["payload"]["email"], "grace@example.com")

    def test_refusals_say_why(self):
        host = self.start_host()
        token = self.sign_in(host)

        def refused(**message):
            one = self.open_socket(host)
            one.say(**message)
            error = one.message()
            self.assertEqual(error["type"], "error")
            code, reason = one.message()
            self.assertEqual(error["error"]["reason"], reason)
            self.assertTrue(one.reader.at_end())
            return code, reason

        self.assertEqual(refused(type="subscribe"), (4401, "sign_in_required"))
        self.assertEqual(refused(type="subscribe", token="nonsense"), (4401, "token_invalid"))
        self.assertEqual(refused(type="subscribe", token=7), (4400, "message_malformed"))
        self.assertEqual(refused(type="hello"), (4400, "message_malformed"))
        self.assertEqual(refused(token=token), (4400, "message_malformed"))
        self.assertEqual(refused(type="subscribe", token=token, events=["usr.*"]), (4400, "validation_failed"))
        self.assertEqual(refused(type="subscribe", token=token, event=["user.*"]), (4400, "validation_failed"))
        self.assertEqual(refused(type="subscribe", token=token, after="evt_01h455vb4pex5vsknk084sn02q"),
                         (4400, "event_too_old"))
        one = self.open_socket(host)
        one.send(1, b"{nonsense")
        self.assertEqual(one.message()["error"]["reason"], "json_malformed")
        two = self.open_socket(host)
        for _ in range(2):
            two.say(type="subscribe", token=token)
        self.assertEqual(two.message(), {"type": "subscribed"})
        self.assertEqual(two.message()["error"]["reason"], "message_malformed")

    def test_broken_frames_end_the_connection(self):
        host = self.start_host()

        def answer(send):
            one = self.open_socket(host)
            send(one)
            code, _ = one.message()
            self.assertTrue(one.reader.at_end())
            return code

        self.assertEqual(answer(lambda one: one.send(1, b"x", masked=False)), 1002)
        self.assertEqual(answer(lambda one: one.send(3, b"x")), 1002)
        self.assertEqual(answer(lambda one: one.send(0, b"x")), 1002)
        self.assertEqual(answer(lambda one: one.send(9, b"x" * 126)), 1002)
        self.assertEqual(answer(lambda one: one.send(2, b"x")), 1003)
        self.assertEqual(answer(lambda one: one.send(1, b"\xff")), 1007)
        self.assertEqual(answer(lambda one: one.client.sendall(b"\x81\xff\x00\x00\x00\x00\x00\x10\x00\x00mask")), 1009)
        self.assertEqual(answer(lambda one: one.send(8, b"\x03\xe8")), 1000)
        self.assertEqual(answer(lambda one: one.client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")), 1002)

    def test_pings_are_answered_and_sent(self):
        host = self.start_host("--http.heartbeat_seconds=1")
        one = self.open_socket(host)
        one.say(type="subscribe", token=self.sign_in(host))
        self.assertEqual(one.message(), {"type": "subscribed"})
        one.send(9, b"here?")
        self.assertEqual(one.frame(), (10, b"here?"))
        self.assertEqual(one.frame(), (9, b""))
        # Whoever does not answer is taken for gone.
        with self.assertRaises((EOFError, ConnectionResetError)):
            while True:
                one.frame()
        eventually(lambda: self.gauge(host, "nexpo_event_subscriptions") == 0, "the subscription to end")

    def test_a_client_is_heard_while_there_is_much_to_say(self):
        host = self.start_host()
        token = self.sign_in(host)
        self.add_user(host, token, "ada")
        first = self.fill(4_000)
        one = self.open_socket(host)
        one.say(type="subscribe", token=token, after=first)
        self.assertEqual(one.message(), {"type": "subscribed"})
        one.send(9, b"here?")
        events = 0
        while (frame := one.frame())[0] == 1:
            events += 1
        self.assertEqual(frame, (10, b"here?"))
        self.assertLess(events, 4_000, "all of them came before the answer")
        one.send(8, struct.pack(">H", 1000))
        while (frame := one.frame())[0] == 1:
            events += 1
        self.assertEqual(frame, (8, struct.pack(">H", 1000)))
        self.assertLess(events, 4_000, "all of them came before the end")

    def fill(self, count):
        """Adds so many long events behind the last one, and answers the id of that."""
        database = sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db"))
        last = database.execute("SELECT id FROM outbox_events ORDER BY seq DESC LIMIT 1").fetchone()[0]
        with database:
            database.executemany(
                "INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)"
                " SELECT ?, organization_id, event, ?, request_id, created_at FROM outbox_events WHERE id = ?",
                [(f"{last[:-8]}{number:08}", json.dumps({"text": "x" * 4_000}), last) for number in range(count)])
        database.close()
        return last

    def test_whoever_says_nothing_does_not_stay(self):
        host = self.start_host("--http.header_seconds=1")
        one = self.open_socket(host)
        begin = time.monotonic()
        self.assertEqual(one.message()[0], 1008)
        self.assertLess(time.monotonic() - begin, 5)

    def test_a_session_that_ends_ends_the_channel(self):
        host = self.start_host()
        token = self.sign_in(host)
        one = self.open_socket(host)
        one.say(type="subscribe", token=token)
        one.message()
        self.assertEqual(self.call(host, token, "/auth/logout", "POST", {}).status, 204)
        begin = time.monotonic()
        self.assertEqual(one.message()["error"]["reason"], "session_ended")
        self.assertEqual(one.message(), (4401, "session_ended"))
        self.assertLess(time.monotonic() - begin, 3)

    def test_handshakes_that_are_none(self):
        host = self.start_host()
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        old = self.ask(host, request("/events/stream", **upgrade, **key, **{"Sec-WebSocket-Version": "8"}))
        self.assertEqual((old.status, old.headers["sec-websocket-version"]), (426, "13"))
        version = {"Sec-WebSocket-Version": "13"}
        self.assertEqual(self.ask(host, request("/events/stream", **upgrade, **version)).status, 400)
        # Other paths know of no WebSocket and answer as ever (RFC 9110 section 7.8).
        self.assertEqual(self.ask(host, request("/health/live", **upgrade, **version, **key)).status, 200)
        self.assertEqual(self.ask(host, request("/nowhere", **upgrade, **version, **key)).status, 404)

    def test_frames_that_come_with_the_handshake_are_heard(self):
        host = self.start_host()
        token = self.sign_in(host)
        client, reader = self.connect(host)

        class Eager(Socket):
            def _head(self):
                self.say(type="subscribe", token=token)
                return super()._head()

        self.assertEqual(Eager(client, reader).message(), {"type": "subscribed"})

    def test_a_client_that_does_not_read_is_cut_off(self):
        host = self.start_host("--http.write_seconds=1")
        token = self.sign_in(host)
        one = self.open_socket(host)
        one.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.client.settimeout(30)
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            while True:
                one.send(9, b"x" * 125)
        self.assertLess(host.resident_kib(), 256 * 1024)
        self.assertEqual(self.call(host, token, "/users/me").status, 200)

    def test_channels_end_in_good_order_with_the_server(self):
        host = self.start_host()
        token = self.sign_in(host)
        one = self.open_socket(host)
        one.say(type="subscribe", token=token)
        one.message()
        host.signal(signal.SIGTERM)
        self.assertEqual(one.message()[0], 1001)
        self.assertEqual(host.wait(), 0)


if __name__ == "__main__":
    main()
