# SPDX-License-Identifier: Apache-2.0
"""Clients that go away while their calls wait."""

import json
import math
import socket
import struct
import time

from host import DEADLINE, HostTest, eventually, main, request
from tls_test import TlsTest

FLAGS = ("--http.threads=1", "--http.blocking_threads=1", "--http.blocking_queue=5000", "--limits.address_per_minute=0",
         "--limits.account_per_minute=0")
# A call for a client that has ended its stream is given up after five seconds.
GRACE = 5.5


def login(request_id):
    body = json.dumps({"email": "nobody@example.com", "password": "wrong password"}).encode()
    return request("/auth/login", "POST", body, X_Request_Id=request_id)


def reset(client):
    """Closes with RST."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def say_goodbye(client):
    """Sends a close_notify and leaves the connection open."""
    client.settimeout(0.01)
    try:
        client.unwrap()
    except (TimeoutError, OSError):
        pass  # The other side has not said its own one yet.


class Queue:
    """Sign-ins that occupy the one thread for calls that wait, for longer than the time of grace."""

    def __init__(self, test, open_client):
        client, reader = open_client()
        each = math.inf  # by the quickest of them: the machine may have had other things to do
        for _ in range(5):
            begin = time.monotonic()
            client.sendall(login("first"))
            test.assertEqual(reader.response().status, 401)
            each = min(each, time.monotonic() - begin)
        self.clients = [open_client()[0] for _ in range(math.ceil(5 * GRACE / each))]
        for client in self.clients:
            client.sendall(login("queue"))

    def leave(self):
        for client in self.clients:
            reset(client)


class Gone(HostTest):
    def check(self, host, open_client, ways):
        queue = Queue(self, open_client)
        clients = {name: open_client()[0] for name in ways}
        for name, client in clients.items():
            client.sendall(login(name))
        # The one thread has read them all before it reads this.
        client, reader = open_client()
        client.sendall(request())
        self.assertEqual(reader.response().status, 200)
        for name, way in ways.items():
            way(clients[name])

        def statuses():
            return {line["request_id"]: line["status"] for line in host.access() if line["request_id"] in ways}

        end = time.monotonic() + GRACE
        eventually(lambda: time.monotonic() > end, "the time of grace to pass")
        self.assertEqual(statuses(), {}, "all of them still wait")
        queue.leave()
        eventually(lambda: statuses().keys() == ways.keys(), "the access lines")

        # 499: nothing was done for them any more.
        expected = {name: 401 if name.startswith("stays") else 499 for name in ways}
        self.assertEqual(statuses(), expected)

    def test_calls_of_clients_that_have_gone_are_given_up(self):
        host = self.start(*FLAGS)

        def after(more, end):
            def way(client):
                client.sendall(more)
                end(client)
            return way

        def half_close(client):
            client.shutdown(socket.SHUT_WR)

        self.check(host, lambda: self.connect(host), {
            "reset": reset,
            "closed": socket.socket.close,
            "half-closed": half_close,
            "reset-behind-a-byte": after(b"G", reset),
            "closed-behind-a-byte": after(b"G", socket.socket.close),
            "half-closed-behind-a-byte": after(b"G", half_close),
            "half-closed-behind-requests": after(request() * 1000, half_close),
            "stays": lambda _: None,
            "stays-and-sends": after(request() + b"G", lambda _: None),
        })


class GoneOverTls(TlsTest, Gone):
    def test_calls_of_clients_that_have_gone_are_given_up(self):
        host = self.start_tls(*FLAGS)
        context = self.context()

        def cut_off(client):
            client.shutdown(socket.SHUT_WR)  # without a close_notify

        def after_a_request(end):
            def way(client):
                client.sendall(request())
                end(client)
            return way

        self.check(host, lambda: self.secure(host, context), {
            "reset": reset,
            "cut-off": cut_off,
            "goodbye": say_goodbye,
            "reset-behind-a-request": after_a_request(reset),
            "cut-off-behind-a-request": after_a_request(cut_off),
            "goodbye-behind-a-request": after_a_request(say_goodbye),
            "stays": lambda _: None,
            "stays-and-sends": after_a_request(lambda _: None),
        })

    def test_answer_comes_after_a_stream_that_was_cut_off(self):
        host = self.start_tls()
        client, _ = self.secure(host)
        plain = socket.socket(fileno=socket.dup(client.fileno()))
        plain.settimeout(DEADLINE)
        self.addCleanup(plain.close)
        client.sendall(login("cut"))
        plain.shutdown(socket.SHUT_WR)
        # The library of this test cannot read from a stream that it has ended; that something came is enough.
        self.assertTrue(plain.recv(100))
        self.assertEqual(eventually(host.access, "the access line")[0]["status"], 401)


if __name__ == "__main__":
    main()
