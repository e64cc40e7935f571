# SPDX-License-Identifier: Apache-2.0
"""Live events, and clients that stop, run out of time or vanish."""

import os
import signal
import subprocess
import sys
import threading
import time

import grpc

from host import DEADLINE, HostTest, eventually, main
from nexpo.v1 import events_pb2, users_pb2

GONE = """
import os, signal, sys, grpc
sys.path.insert(0, sys.argv[1])
from nexpo.v1 import events_pb2, events_pb2_grpc, users_pb2, users_pb2_grpc
channel = grpc.insecure_channel(sys.argv[2])
metadata = [("authorization", "Bearer " + sys.argv[3])]
events = events_pb2_grpc.EventsStub(channel).Subscribe(events_pb2.SubscribeEvents(), metadata=metadata)
events.initial_metadata()
users = users_pb2_grpc.UsersStub(channel).ListAll(users_pb2.ListUsers(limit=1), metadata=metadata)
next(users)
print("ready", flush=True)
signal.pause()
"""


class Events(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start()
        self.client = self.connect(self.host).sign_in()

    def subscribe(self, client=None, **fields):
        client = client or self.client
        stream = client.events.Subscribe(events_pb2.SubscribeEvents(**fields), metadata=client.metadata,
                                         timeout=DEADLINE)
        stream.initial_metadata()  # there is none before the subscription stands
        self.addCleanup(stream.cancel)
        return stream

    def create(self, email):
        return self.client.users.Create(users_pb2.CreateUser(email=email), metadata=self.client.metadata)

    def test_each_event_comes_once_and_in_order(self):
        streams = [self.subscribe(events=["user.*"]) for _ in range(5)]
        users = [self.create(f"user{i}@example.com") for i in range(60)]
        for stream in streams:
            events = [next(stream) for _ in users]
            self.assertEqual([event.payload.struct_value["user_id"] for event in events], [user.id for user in users])
            self.assertEqual({event.name for event in events}, {"user.created"})

    def test_who_was_cut_off_goes_on(self):
        stream = self.subscribe()
        self.create("a@example.com")
        first = next(stream)
        stream.cancel()
        self.create("b@example.com")
        self.assertEqual(next(self.subscribe(after=first.id)).payload.struct_value["email"], "b@example.com")

    def test_refusals_are_those_of_the_operation(self):
        subscribe = self.client.events.Subscribe
        stranger = self.connect(self.host)
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", stranger.events.Subscribe,
                          events_pb2.SubscribeEvents())
        failure = self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "validation_failed", subscribe,
                                    events_pb2.SubscribeEvents(events=["no.such"]), metadata=self.client.metadata)
        self.assertEqual(list(failure.violations), ["events[0]"])
        raw = self.client.channel.unary_stream("/nexpo.v1.Events/Subscribe", request_serializer=bytes,
                                               response_deserializer=bytes)
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "protobuf_malformed", raw, b"\xff",
                          metadata=self.client.metadata)
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "sign_in_required", raw, b"\xff")

    def test_the_end_of_the_session_ends_the_stream(self):
        other = self.connect(self.host).sign_in()
        stream = self.subscribe(other)
        from nexpo.v1 import auth_pb2  # pylint: disable=import-outside-toplevel
        other.auth.Logout(auth_pb2.Logout(), metadata=other.metadata)
        failure = self.failure(lambda: stream)
        self.assertEqual((failure.code, failure.reason), (grpc.StatusCode.UNAUTHENTICATED, "session_ended"))

    def test_draining_ends_streams_at_once(self):
        streams = [self.subscribe() for _ in range(3)]
        self.host.signal(signal.SIGTERM)
        for stream in streams:
            failure = self.failure(lambda stream=stream: stream)
            self.assertEqual((failure.code, failure.reason), (grpc.StatusCode.UNAVAILABLE, "closed"))
        self.assertEqual(self.host.wait(), 0)
        self.assertFalse([line for line in self.host.log() if "cut off" in line["message"]])

    def test_slow_readers_hold_up_nobody(self):
        slow = self.subscribe()
        quick = self.subscribe()
        self.client.users.CreateMany((users_pb2.CreateUser(email=f"user{i}@example.com") for i in range(3000)),
                                     metadata=self.client.metadata)
        self.assertEqual(sum(1 for _, _ in zip(range(3000), quick)), 3000)
        self.assertEqual(sum(1 for _, _ in zip(range(3000), slow)), 3000)


class Giving(HostTest):
    def setUp(self):
        super().setUp()
        self.host = self.start()
        self.client = self.connect(self.host).sign_in()

    def connections(self):
        folder = f"/proc/{self.host.process.pid}/fd"
        def target(name):
            try:
                return os.readlink(os.path.join(folder, name))
            except FileNotFoundError:
                return ""
        return sum(target(name).startswith("socket:") for name in os.listdir(folder))

    def test_a_deadline_is_kept_and_told(self):
        request = users_pb2.CreateUser(email="ada@example.com", password="correct horse battery")
        failure = self.failure(self.client.users.Create, request, metadata=self.client.metadata, timeout=0.001)
        self.assertEqual(failure.code, grpc.StatusCode.DEADLINE_EXCEEDED)
        stream = self.client.events.Subscribe(events_pb2.SubscribeEvents(), metadata=self.client.metadata, timeout=0.3)
        self.assertEqual(self.failure(lambda: stream).code, grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_a_cancelled_call_stops(self):
        call = self.client.users.Create.future(
            users_pb2.CreateUser(email="ada@example.com", password="correct horse battery"),
            metadata=self.client.metadata)
        call.cancel()
        stream = self.client.users.ListAll(users_pb2.ListUsers(), metadata=self.client.metadata)
        stream.cancel()
        self.client.users.Me(users_pb2.GetMe(), metadata=self.client.metadata)

    def test_a_stream_of_inputs_that_is_cut_off_keeps_what_came(self):
        def inputs():
            for i in range(200):
                yield users_pb2.CreateUser(email=f"user{i}@example.com")
            blocked.wait(DEADLINE)
        blocked = threading.Event()
        call = self.client.users.CreateMany.future(inputs(), metadata=self.client.metadata)
        def count():
            return sum(1 for _ in self.client.users.ListAll(users_pb2.ListUsers(), metadata=self.client.metadata))
        eventually(lambda: count() == 201, "the inputs")
        call.cancel()
        blocked.set()
        self.assertEqual(count(), 201)
        eventually(lambda: self.host.access("CreateMany"), "the end of the call")

    def test_clients_that_vanish_leave_nothing_behind(self):
        self.client.users.CreateMany((users_pb2.CreateUser(email=f"user{i}@example.com") for i in range(2000)),
                                     metadata=self.client.metadata)
        before = self.connections()
        token = self.client.metadata[0][1].split()[1]
        stubs = os.path.join(os.environ["NEXPO_TEST_TOOLS"], "grpc", "stubs")
        clients = [subprocess.Popen([sys.executable, "-c", GONE, stubs, self.host.address, token],
                                    stdout=subprocess.PIPE, text=True) for _ in range(6)]
        for client in clients:
            self.assertEqual(client.stdout.readline(), "ready\n")
        for client in clients:
            client.kill()
            client.wait()
            client.stdout.close()
        eventually(lambda: len(self.host.access("Events/Subscribe")) == 6, "the ends of the streams")
        eventually(lambda: self.connections() <= before, "the ends of the connections")
        self.client.users.Me(users_pb2.GetMe(), metadata=self.client.metadata)

    def test_many_calls_at_once_are_all_answered(self):
        started = time.monotonic()
        calls = [self.client.users.Me.future(users_pb2.GetMe(), metadata=self.client.metadata) for _ in range(2000)]
        self.assertEqual({call.result().email for call in calls}, {"owner@example.com"})
        self.assertLess(time.monotonic() - started, DEADLINE)


if __name__ == "__main__":
    main()
