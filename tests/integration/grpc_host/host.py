# SPDX-License-Identifier: Apache-2.0
"""Starts the real nexpo-grpc for a test and calls it with grpcio."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TOOLS = os.environ.get("NEXPO_TEST_TOOLS", "")
SOURCE = os.environ.get("NEXPO_SOURCE", "")
BINARY = os.environ.get("NEXPO_GRPC_BINARY", "")
DEADLINE = 20.0
OWNER = "owner@example.com"
PASSWORD = "correct horse battery"

sys.path.insert(0, os.path.join(TOOLS, "grpc", "stubs"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http_host"))

# pylint: disable=wrong-import-position
import grpc  # noqa: E402
from google.rpc import error_details_pb2  # noqa: E402
from grpc_status import rpc_status  # noqa: E402
from nexpo.v1 import auth_pb2, auth_pb2_grpc, events_pb2_grpc, operations_pb2_grpc, users_pb2_grpc  # noqa: E402


def eventually(condition, what):
    """Waits until condition() is true and answers what it answered."""
    end = time.monotonic() + DEADLINE
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"timed out waiting for {what}")
        time.sleep(0.005)


def run(arguments=(), environment=None, folder=None):
    """Runs the program to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}
    return subprocess.run([BINARY, *arguments], env=clean | (environment or {}), cwd=folder, text=True,
                          capture_output=True, timeout=DEADLINE, check=False)


class Host:
    """A running nexpo-grpc on a free port."""

    def __init__(self, folder, *flags, environment=None):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}
        given = {"NEXPO_ADMIN_PASSWORD": PASSWORD, "NEXPO_LIMITS_CALLER_PER_MINUTE": "0",
                 "NEXPO_LIMITS_ADDRESS_PER_MINUTE": "0"} | (environment or {})
        self.process = subprocess.Popen([BINARY, "--grpc.port=0", *flags], cwd=folder, env=clean | given,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._output, self._errors = [], []
        self._readers = [
            threading.Thread(target=self._collect, args=(self.process.stdout, self._output), daemon=True),
            threading.Thread(target=self._collect, args=(self.process.stderr, self._errors), daemon=True)]
        for reader in self._readers:
            reader.start()
        eventually(lambda: self.process.poll() is not None or "Users/Create" in self.output(), "the banner")
        if self.process.poll() is not None:
            self._join()
            raise AssertionError(f"the host ended with {self.process.returncode}: {self.errors()}")
        self.address = re.search(r" on (\S+?)[, ]", self.output()).group(1)
        self.port = int(self.address.rsplit(":", 1)[1])

    @staticmethod
    def _collect(stream, lines):
        for line in stream:
            lines.append(line)

    def _join(self):
        for reader in self._readers:
            reader.join(DEADLINE)

    def output(self):
        return "".join(self._output)

    def errors(self):
        return "".join(self._errors)

    def log(self):
        """The complete lines logged so far."""
        return [json.loads(line) for line in list(self._errors) if line.endswith("\n")]

    def access(self, method=""):
        return [line for line in self.log() if line["message"] == "request" and line["method"].endswith(method)]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """The exit code, once the program has ended and all it wrote is here."""
        code = self.process.wait(DEADLINE)
        self._join()
        return code

    def stop(self):
        if self.process.poll() is None:
            self.signal()
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._join()
        self.process.stdout.close()
        self.process.stderr.close()


class Client:
    """Somebody who is signed in, on a connection of their own."""

    def __init__(self, channel, token=None):
        self.channel = channel
        self.metadata = [("authorization", "Bearer " + token)] if token else []
        self.auth = auth_pb2_grpc.AuthStub(channel)
        self.users = users_pb2_grpc.UsersStub(channel)
        self.events = events_pb2_grpc.EventsStub(channel)
        self.operations = operations_pb2_grpc.OperationsStub(channel)

    def sign_in(self):
        tokens = self.auth.Login(auth_pb2.Login(email=OWNER, password=PASSWORD))
        self.metadata = [("authorization", "Bearer " + tokens.access_token)]
        return self

    def raw(self, path):
        """A unary method that sends and answers bytes as they are."""
        return self.channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)


class Failure:
    """What a call failed with."""

    def __init__(self, error):
        self.code = error.code()
        self.message = error.details()
        self.reason, self.domain, self.violations, self.retry_seconds, self.request_id = None, None, {}, None, None
        self.trailers = dict(error.trailing_metadata() or ())
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo,
                         error_details_pb2.RequestInfo):
                if detail.Is(kind.DESCRIPTOR):
                    content = kind()
                    detail.Unpack(content)
                    self._take(content)

    def _take(self, content):
        name = type(content).__name__
        if name == "ErrorInfo":
            self.reason, self.domain = content.reason, content.domain
        elif name == "BadRequest":
            self.violations = {violation.field: violation.reason for violation in content.field_violations}
        elif name == "RetryInfo":
            self.retry_seconds = content.retry_delay.ToTimedelta().total_seconds()
        else:
            self.request_id = content.request_id


class HostTest(unittest.TestCase):
    """A test with a folder of its own and hosts that are stopped afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nexpo-grpc-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *flags, environment=None):
        host = Host(self.folder, *flags, environment=environment)
        self.addCleanup(host.stop)
        return host

    def connect(self, host, credentials=None, options=()):
        options = [("grpc.use_local_subchannel_pool", 1), *options]
        channel = (grpc.secure_channel(host.address, credentials, options) if credentials
                   else grpc.insecure_channel(host.address, options))
        self.addCleanup(channel.close)
        return Client(channel)

    def failure(self, call, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as caught:
            answer = call(*arguments, **options)
            for _ in answer if hasattr(answer, "__next__") else ():
                pass
        return Failure(caught.exception)

    def assert_fails(self, code, reason, call, *arguments, **options):
        failure = self.failure(call, *arguments, **options)
        self.assertEqual((failure.code, failure.reason), (code, reason), failure.message)
        return failure


def main():
    if not BINARY:
        raise SystemExit("NEXPO_GRPC_BINARY must name the program under test")
    unittest.main(verbosity=2)
