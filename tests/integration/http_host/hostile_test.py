# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, half gone, gone, or greedy."""

import ctypes
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import struct
import time
import unittest

from certificates import Authority
from host import HostTest, Reader, eventually, main, request

EMAIL, PASSWORD = "ada@example.com", "correct horse"
LOGIN = request("/auth/login", "POST", json.dumps({"email": EMAIL, "password": PASSWORD}).encode())
SO_ATTACH_FILTER = 26
MEBIBYTE = 1 << 20


def deafen(client):
    """Has the system drop whatever arrives for a socket, as if the machine were gone."""
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0 bytes
    client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(instruction)))


def reset(client):
    """Closes with RST."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


class HostileTest(HostTest):
    def sockets(self, host):
        """Open sockets of the host, the listening one included."""
        folder = f"/proc/{host.process.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            try:
                count += os.readlink(os.path.join(folder, name)).startswith("socket:")
            except FileNotFoundError:
                pass  # closed meanwhile
        return count


class Gone(HostileTest):
    def test_client_that_vanishes_with_an_answer_on_its_way_is_forgotten(self):
        host = self.start("--http.idle_seconds=600", "--http.write_seconds=1")
        before = self.sockets(host)
        client, _ = self.connect(host)
        eventually(lambda: self.sockets(host) == before + 1, "the connection")
        deafen(client)
        client.sendall(request())
        eventually(lambda: self.sockets(host) == before, "the connection to be given up")

    def test_silent_connections_are_probed(self):
        host = self.start()
        client, reader = self.connect(host)
        client.sendall(request())
        self.assertEqual(reader.response().status, 200)
        local, remote = (f":{port:04X}" for port in (host.address[1], client.getsockname()[1]))

        def timer():
            with open("/proc/net/tcp", encoding="utf-8") as table:
                for columns in map(str.split, table):
                    if columns[1].endswith(local) and columns[2].endswith(remote):
                        return columns[5].split(":")[0]
            return None

        eventually(lambda: timer() == "02", "the keepalive timer")

    def test_reset_connections_are_forgotten(self):
        host = self.start()
        before = self.sockets(host)
        for raw in (b"", b"GET / HTTP/1.1\r\n", request(), LOGIN, LOGIN[:-3], request("/openapi.json") * 200):
            for _ in range(10):
                client = host.connect()
                client.sendall(raw)
                reset(client)
        eventually(lambda: self.sockets(host) == before, "all to be closed")
        self.assertEqual(self.ask(host, request()).status, 200)


class HalfClosed(HostileTest):
    def test_calls_that_wait_are_still_answered(self):
        host = self.start("--limits.address_per_minute=0",
                          environment={"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})
        for raw, expected in ((LOGIN, [200]), (LOGIN + request() + LOGIN, [200, 200, 200])):
            client, reader = self.connect(host)
            client.sendall(raw)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual([reader.response().status for _ in expected], expected)
            self.assertTrue(reader.at_end())

    def test_incomplete_request_is_dropped(self):
        host = self.start()
        for raw in (b"", b"GET / HTTP/1.1\r\n", LOGIN[:-1]):
            client, reader = self.connect(host)
            client.sendall(raw)
            client.shutdown(socket.SHUT_WR)
            self.assertIsNone(reader.response())


class Slow(HostileTest):
    def test_slow_clients_of_every_kind_hold_up_nobody(self):
        host = self.start("--http.threads=1", "--log.access=false", "--http.header_seconds=2", "--http.body_seconds=2",
                          "--http.write_seconds=2")
        before = self.sockets(host)
        slow = []
        for raw in (b"GET / HTTP/1.1\r\nX: ", LOGIN[:-5], request("/openapi.json") * 200) * 20:
            client, _ = self.connect(host)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            client.send(raw)
            slow.append(client)
        end = time.monotonic() + 1.5
        client, reader = self.connect(host)
        longest = 0.0
        while time.monotonic() < end:
            for number in range(0, len(slow), 3):
                try:
                    slow[number].send(b"x")
                except OSError:
                    pass
            begin = time.monotonic()
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
            longest = max(longest, time.monotonic() - begin)
        client.close()
        self.assertLess(longest, 1.0)
        eventually(lambda: self.sockets(host) == before, "all of them to be cut off")


class Greedy(HostileTest):
    def test_pipelining_client_leaves_others_their_turn(self):
        host = self.start("--http.threads=1")
        clients = {name: self.connect(host) for name in ("greedy", "modest")}
        for client, reader in clients.values():
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
        # All is there before the host sees any of it: the greedy client's requests first.
        host.pause()
        for name, count in (("greedy", 300), ("modest", 1)):
            clients[name][0].sendall(request(X_Request_Id=name) * count)
        host.signal(signal.SIGCONT)
        for name, count in (("greedy", 300), ("modest", 1)):
            for _ in range(count):
                self.assertEqual(clients[name][1].response().status, 200)
        eventually(lambda: len(host.access()) == 303, "the access lines")
        order = [line["request_id"] for line in host.access()[2:]]
        self.assertLessEqual(order.index("modest"), 2, "the modest one does not wait for all of the others")

    def test_little_is_read_ahead_while_a_call_waits(self):
        host = self.start("--http.threads=1", "--limits.address_per_minute=0",
                          environment={"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})
        before = host.resident_kib()
        token = self.ask(host, LOGIN).json()["access_token"]
        clients = [self.connect(host) for _ in range(20)]
        create = request("/users", "POST", b'{"email":"b@example.com"}', Authorization=f"Bearer {token}")
        with sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db"), isolation_level=None) as database:
            database.execute("BEGIN IMMEDIATE")
            for client, _ in clients:
                client.setblocking(False)
                try:
                    client.sendall(create + request() * 200_000)
                except BlockingIOError:
                    pass  # The rest waits in this process, not in the host.
            client, reader = self.connect(host)
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
            limit = 100 if os.environ.get("NEXPO_SANITIZED") else 40
            self.assertLess(host.resident_kib() - before, limit * 1024)
            database.execute("ROLLBACK")

    def test_bodies_have_a_common_limit(self):
        host = self.start(f"--http.bodies_bytes={4 * MEBIBYTE}", "--gateway.body_bytes=2000000", "--http.threads=2")
        head = b"POST /auth/login HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        held = []
        refused = None
        for _ in range(16):
            client, reader = self.connect(host)
            client.sendall(head + b"Content-Length: 1500000\r\n\r\n" + b"x" * 1_000_000)
            held.append((client, reader))
        for client, reader in held:
            client.settimeout(0.5)
            try:
                response = reader.response()
            except TimeoutError:
                continue
            refused = response
            self.assertEqual((response.status, response.headers["connection"]), (503, "close"))
            self.assertGreaterEqual(int(response.headers["retry-after"]), 1)
        self.assertIsNotNone(refused)
        # Whoever asks first is told before sending, and requests without bodies go on.
        self.assertEqual(self.ask(host, request()).status, 200)
        for client, _ in held:
            client.close()
        body = b'{"email":"nobody@example.com","password":"' + b"x" * 100_000 + b'"}'
        eventually(lambda: self.ask(host, request("/auth/login", "POST", body)).status in (400, 401), "the memory to be free")

    def test_bodies_that_arrive_slowly_take_the_room_of_what_has_arrived(self):
        host = self.start("--http.threads=1", "--log.access=false")

        def data_kib():
            with open(f"/proc/{host.process.pid}/status", encoding="utf-8") as status:
                return int(re.search(r"VmData:\s+(\d+)", status.read()).group(1))

        def slow(count):
            for _ in range(count):
                client, _ = self.connect(host)
                client.sendall(b"POST /auth/login HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\nx")
            client, reader = self.connect(host)
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)

        slow(50)
        before = data_kib()
        slow(500)
        self.assertLess((data_kib() - before) / 500, 64 if os.environ.get("NEXPO_SANITIZED") else 20)

    def test_expected_body_is_not_invited_without_room(self):
        host = self.start(f"--http.bodies_bytes={2 * MEBIBYTE}", "--gateway.body_bytes=1000000")
        head = b"POST /auth/login HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n"
        held = [self.connect(host) for _ in range(40)]
        for client, _ in held:
            client.sendall(head + b"\r\n" + b"x" * 60_000)

        def answer():
            return self.ask(host, head + b"Expect: 100-continue\r\n\r\n").status

        eventually(lambda: answer() == 503, "the refusal")

    def test_durable_writes_occupy_no_thread_of_connections(self):
        host = self.start("--http.threads=1", "--http.blocking_threads=1", "--http.blocking_queue=0",
                          environment={"NEXPO_ADMIN_EMAIL": EMAIL, "NEXPO_ADMIN_PASSWORD": PASSWORD})
        token = self.ask(host, LOGIN).json()["access_token"]
        me = self.ask(host, request("/users/me", Authorization=f"Bearer {token}")).json()
        path = os.path.join(self.folder, "data", "nexpo.db")
        with sqlite3.connect(path, isolation_level=None) as database:
            database.execute("BEGIN IMMEDIATE")  # The writer of the host has to wait for this one.
            writers = [self.connect(host) for _ in range(8)]
            for number, (client, _) in enumerate(writers):
                body = json.dumps({"name": f"Ada {number}"}).encode()
                client.sendall(request(f"/users/{me['id']}", "PATCH", body, Authorization=f"Bearer {token}"))
            client, reader = self.connect(host)
            for _ in range(20):
                client.sendall(request("/users/me", Authorization=f"Bearer {token}"))
                self.assertEqual(reader.response().status, 200)
            # The one thread for calls that wait is free too: sign-in gets as far as a thread.
            self.assertEqual([client for client, reader in writers if reader.buffer], [])
            for client, _ in writers:
                client.settimeout(0.05)
                with self.assertRaises(TimeoutError):
                    client.recv(1)
                client.settimeout(20)
            database.execute("ROLLBACK")
        self.assertEqual({reader.response().status for _, reader in writers}, {200})


class Evicted(HostileTest):
    def test_longest_idle_connection_makes_room(self):
        host = self.start("--http.max_connections=4", "--http.threads=1")
        clients = [self.connect(host) for _ in range(4)]
        for client, reader in clients:
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
        busy, busy_reader = clients[0]
        busy.sendall(b"GET /health/live HTTP/1.1\r\n")
        eventually(lambda: self.ask(host, request()).status == 200, "room once one was idle for a second")
        self.assertIsNone(clients[1][1].response(), "the one that has been idle for longest was closed")
        busy.sendall(b"Host: t\r\n\r\n")
        self.assertEqual(busy_reader.response().status, 200)
        for client, reader in clients[2:]:
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)

    def test_idle_connection_of_another_thread_makes_room(self):
        host = self.start("--http.max_connections=4", "--http.threads=2")
        clients = [self.connect(host) for _ in range(4)]  # in turns on the one thread and on the other
        for client, reader in clients:
            client.sendall(request())
            self.assertEqual(reader.response().status, 200)
        busy, idle = clients[::2], clients[1::2]
        for client, _ in busy:
            client.sendall(b"GET /health/live HTTP/1.1\r\n")
        end = time.monotonic() + 1.2
        eventually(lambda: time.monotonic() > end, "idle ones to be idle for a second")
        self.assertEqual([self.ask(host, request()).status for _ in idle], [200, 200])
        self.assertEqual([reader.response() for _, reader in idle], [None, None])
        self.assertEqual(self.ask(host, request()).status, 503, "the newest have not been idle for long")
        for client, reader in busy:
            client.sendall(b"Host: t\r\n\r\n")
            self.assertEqual(reader.response().status, 200)


class Exhausted(HostileTest):
    @unittest.skipIf(os.environ.get("NEXPO_SANITIZED"), "sanitizers need address space")
    def test_want_of_memory_costs_connections_and_not_the_host(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("server")
        host = self.start(f"--tls.certificate={certificate}", f"--tls.key={key}", "--http.threads=1",
                          environment={"MALLOC_ARENA_MAX": "1"})
        limits = resource.prlimit(host.process.pid, resource.RLIMIT_AS)
        clients = []

        def fails_under_want():
            # Anew each time: the host may have given memory back since.
            with open(f"/proc/{host.process.pid}/status", encoding="utf-8") as status:
                size = int(re.search(r"VmSize:\s+(\d+)", status.read()).group(1)) * 1024
            resource.prlimit(host.process.pid, resource.RLIMIT_AS, (size + MEBIBYTE, resource.RLIM_INFINITY))
            clients.extend(self.connect(host)[0] for _ in range(100))
            return any(line["message"] == "connection failed" for line in host.log())

        eventually(fails_under_want, "the lack of memory")
        self.assertIsNone(host.process.poll())
        for client in clients:
            client.close()
        resource.prlimit(host.process.pid, resource.RLIMIT_AS, limits)
        eventually(lambda: self.sockets(host) < 20, "all to be closed")
        self.assertEqual(self.ask(host, request()).json()["reason"], "tls_required")


if __name__ == "__main__":
    main()
