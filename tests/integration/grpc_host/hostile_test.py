# SPDX-License-Identifier: Apache-2.0
"""What nobody should send."""

import os
import random

import grpc

from host import HostTest, main
from nexpo.v1 import users_pb2

INVALID = grpc.StatusCode.INVALID_ARGUMENT
CREATE = "/nexpo.v1.Users/Create"


def field(number, wire, payload):
    return bytes([number << 3 | wire]) + payload


def text(number, value):
    return field(number, 2, bytes([len(value)]) + value)


class Hostile(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start()
        self.client = self.connect(self.host).sign_in()

    def refused(self, message, reason="validation_failed", path=CREATE):
        return self.assert_fails(INVALID, reason, self.client.raw(path), message, metadata=self.client.metadata)

    def test_what_is_no_message_is_refused(self):
        for message in (b"\xff", b"\x0a\x05abc", b"\x08", b"\x00\x00", b"\x0b", b"\x0c", b"\x0e\x01", b"\x80" * 11,
                        b"\x0a" + b"\xff" * 9 + b"\x01"):
            with self.subTest(message):
                self.refused(message, "protobuf_malformed")

    def test_what_is_not_in_the_files_is_refused_and_not_ignored(self):
        good = text(1, b"ada@example.com")
        self.assertEqual(self.refused(good + field(15, 0, b"\x01")).violations, {"[15]": "unknown"})
        self.assertEqual(self.refused(field(1, 0, b"\x01")).violations, {"email": "type"})
        self.assertEqual(self.refused(good + good).violations, {"email": "duplicate"})
        self.assertEqual(self.refused(good + field(3, 0, b"\x63")).violations, {"role": "enum"})
        self.assertEqual(self.refused(good + text(2, b"\xff")).violations, {"name": "utf8"})
        self.assertEqual(self.refused(good + text(2, b"a\0b")).violations, {"name": "nul"})

    def test_numbers_beyond_their_range_are_refused(self):
        huge = b"\xff" * 9 + b"\x01"
        self.assertEqual(self.refused(field(1, 0, huge), path="/nexpo.v1.Users/List").violations, {"limit": "min"})
        beyond = b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
        self.assertEqual(self.refused(field(1, 0, beyond), path="/nexpo.v1.Users/List").violations, {"limit": "range"})
        self.assertEqual(self.refused(field(1, 0, beyond), path="/nexpo.v1.Jobs/List").violations, {"limit": "range"})
        time = field(3, 2, b"\x0a" + field(1, 0, beyond))
        failure = self.refused(text(1, b"key") + text(2, b"users:read") + time, path="/nexpo.v1.ApiKeys/Create")
        self.assertEqual(failure.violations, {"expires_at": "timestamp"})

    def test_deep_nesting_is_refused(self):
        def wrap(number, content):
            size, out = len(content), b""
            while size >= 0x80:
                out += bytes([size & 0x7F | 0x80])
                size >>= 7
            return bytes([number << 3 | 2]) + out + bytes([size]) + content
        nested = b""
        for _ in range(5000):
            nested = wrap(6, wrap(1, nested))
        message = wrap(1, b"n") + wrap(2, b"k") + wrap(3, nested) + wrap(4, b"0 3 * * *")
        self.refused(message, "protobuf_malformed", "/nexpo.v1.Schedules/Create")

    def test_large_messages_are_not_taken(self):
        raw = self.client.raw(CREATE)
        failure = self.failure(raw, b"\x12\x80\x80\x80\x08" + b"a" * 16_777_216, metadata=self.client.metadata)
        self.assertEqual(failure.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        failure = self.failure(self.client.users.Me, users_pb2.GetMe(),
                               metadata=[*self.client.metadata, ("x-large", "a" * 40_000)])
        self.assertEqual(failure.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        # Compressed they are small, and are measured as what they are.
        channel = self.connect(self.host, options=[("grpc.default_compression_algorithm", 2)])
        failure = self.failure(channel.raw(CREATE), b"\x12\x80\x80\x80\x08" + b"a" * 16_777_216,
                               metadata=self.client.metadata)
        self.assertEqual(failure.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.client.users.Me(users_pb2.GetMe(), metadata=self.client.metadata)

    def test_noise_ends_nothing(self):
        noise = random.Random(int(os.environ.get("NEXPO_SEED", "7")))
        paths = [CREATE, "/nexpo.v1.Users/Update", "/nexpo.v1.Schedules/Create", "/nexpo.v1.Webhooks/Update",
                 "/nexpo.v1.Operations/Invoke", "/nexpo.v1.Jobs/Replay"]
        codes = set()
        for _ in range(1500):
            message = bytes(noise.choice(b"\x08\x0a\x10\x12\x18\x1a\x22\x2a\x01\x02\x00\xff" + b"ab")
                            for _ in range(noise.randrange(40)))
            try:
                self.client.raw(noise.choice(paths))(message, metadata=self.client.metadata)
            except grpc.RpcError as error:
                codes.add(error.code())
        self.assertLessEqual(codes, {INVALID, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED})
        self.client.users.Me(users_pb2.GetMe(), metadata=self.client.metadata)

    def test_what_is_no_grpc_is_turned_away(self):
        import socket  # pylint: disable=import-outside-toplevel
        for hello in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", os.urandom(4096), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 99):
            with socket.create_connection(("127.0.0.1", self.host.port), timeout=10) as client:
                client.sendall(hello)
                try:
                    while client.recv(65_536):
                        pass
                except ConnectionError:
                    pass
        self.client.users.Me(users_pb2.GetMe(), metadata=self.client.metadata)

    def test_methods_that_there_are_not(self):
        for path in ("/nexpo.v1.Users/Fly", "/nexpo.v2.Users/Get", "/x/y"):
            self.assertEqual(self.failure(self.client.raw(path), b"").code, grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    main()
