# SPDX-License-Identifier: Apache-2.0
"""What the tests of event streams share: signing in, adding users, and plain clients."""

import base64
import json
import os
import struct

from host import HostTest, request

PASSWORD = "correct horse battery"
OWNER = "owner@example.com"
QUIET = ("--limits.caller_per_minute=0", "--limits.address_per_minute=0", "--limits.account_per_minute=0")


class Chunks:
    """Reads a chunked body off a socket."""

    def __init__(self, reader):
        self.reader = reader
        self.ended = False
        self.text = ""

    def _line(self):
        while b"\r\n" not in self.reader.buffer:
            if not self.reader._fill():
                raise EOFError("the stream was cut off")
        line, self.reader.buffer = self.reader.buffer.split(b"\r\n", 1)
        return line

    def read(self):
        """The next chunk; empty at the end."""
        size = int(self._line(), 16)
        while len(self.reader.buffer) < size + 2:
            if not self.reader._fill():
                raise EOFError("the stream was cut off")
        chunk, self.reader.buffer = self.reader.buffer[:size], self.reader.buffer[size + 2:]
        self.ended = size == 0
        return chunk.decode()

    def block(self):
        """The next block of lines, as a dictionary; comments are under the empty name. None at the end."""
        while "\n\n" not in self.text:
            if self.ended:
                return None
            self.text += self.read()
        block, self.text = self.text.split("\n\n", 1)
        return dict(line.split(": ", 1) if ": " in line else ("", line) for line in block.split("\n"))

    def event(self):
        """The next event, without what stands between events."""
        while (block := self.block()) is not None:
            if "data" in block:
                return block
        return None


class Socket:
    """A WebSocket without manners, for what no library would send."""

    def __init__(self, client, reader, path="/events/stream", **headers):
        self.client = client
        self.reader = reader
        key = base64.b64encode(os.urandom(16)).decode()
        client.sendall(request(path, Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Version="13",
                               Sec_WebSocket_Key=key, **headers))
        self.answer = self._head()

    def _head(self):
        while b"\r\n\r\n" not in self.reader.buffer:
            if not self.reader._fill():
                return ""
        head, self.reader.buffer = self.reader.buffer.split(b"\r\n\r\n", 1)
        return head.decode()

    def send(self, opcode, payload, first=0x80, masked=True):
        mask = os.urandom(4)
        size = len(payload)
        length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size) if size < 65536 else \
            b"\x7f" + struct.pack(">Q", size)
        length = bytes([length[0] | (0x80 if masked else 0)]) + length[1:]
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
        self.client.sendall(bytes([first | opcode]) + length + (mask if masked else b"") + data)

    def say(self, **message):
        self.send(1, json.dumps(message).encode())

    def _take(self, size):
        while len(self.reader.buffer) < size:
            if not self.reader._fill():
                raise EOFError("the connection ended")
        data, self.reader.buffer = self.reader.buffer[:size], self.reader.buffer[size:]
        return data

    def frame(self):
        """Opcode and payload."""
        first, length = self._take(2)
        assert length < 128, "a server does not mask"
        if length == 126:
            length = struct.unpack(">H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._take(8))[0]
        return first & 15, self._take(length)

    def message(self):
        """The next message of text; pings are answered. After the end: its code and reason."""
        while True:
            opcode, payload = self.frame()
            if opcode == 9:
                self.send(10, payload)
            elif opcode == 1:
                return json.loads(payload)
            elif opcode == 8:
                return struct.unpack(">H", payload[:2])[0], payload[2:].decode()


class EventTest(HostTest):
    """Hosts with an owner who can sign in."""

    def start_host(self, *flags):
        return self.start(*QUIET, *flags, environment={"NEXPO_ADMIN_PASSWORD": PASSWORD})

    def sign_in(self, host, email=OWNER):
        body = json.dumps({"email": email, "password": PASSWORD}).encode()
        answer = self.ask(host, request("/auth/login", "POST", body))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["access_token"]

    def call(self, host, token, path, method="GET", body=None):
        data = json.dumps(body).encode() if body is not None else b""
        return self.ask(host, request(path, method, data, Authorization=f"Bearer {token}"), method)

    def add_user(self, host, token, name):
        answer = self.call(host, token, "/users", "POST", {"email": f"{name}@example.com"})
        self.assertEqual(answer.status, 201, answer.body)

    def open_stream(self, host, token, query="", **headers):
        """A stream, read as far as its first block."""
        client, reader = self.connect(host)
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"} | headers
        client.sendall(request("/events/stream" + query, **headers))
        while b"\r\n\r\n" not in reader.buffer:
            self.assertTrue(reader._fill())
        head, reader.buffer = reader.buffer.split(b"\r\n\r\n", 1)
        self.assertIn(b" 200 OK\r\n", head)
        chunks = Chunks(reader)
        self.assertIn("retry", chunks.block())
        return client, chunks, head.decode()

    def open_socket(self, host, **headers):
        client, reader = self.connect(host)
        socket = Socket(client, reader, **headers)
        self.assertIn(" 101 ", socket.answer)
        return socket

    def gauge(self, host, series):
        text = self.ask(host, request("/metrics")).body.decode()
        return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(series + " "))


def email_of(event):
    return json.loads(event["data"])["payload"]["email"].split("@")[0]


