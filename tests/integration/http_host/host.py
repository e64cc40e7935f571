# SPDX-License-Identifier: Apache-2.0
"""Starts the real nexpo-http for a test and talks to it over plain sockets."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

BINARY = os.environ.get("NEXPO_HTTP_BINARY", "")
DEADLINE = 20.0


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
    """A running nexpo-http on a free port."""

    def __init__(self, folder, *flags, environment=None, binary=BINARY):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}
        self.folder = folder
        self.process = subprocess.Popen([binary, "--http.port=0", *flags], cwd=folder, env=clean | (environment or {}),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._output = []
        self._errors = []
        self._readers = [
            threading.Thread(target=self._collect, args=(self.process.stdout, self._output), daemon=True),
            threading.Thread(target=self._collect, args=(self.process.stderr, self._errors), daemon=True)]
        for reader in self._readers:
            reader.start()
        ready = eventually(lambda: self.process.poll() is not None or any(
            end in self.output() for end in ("/users -H", "see /health/ready")), "the banner")
        if self.process.poll() is not None or not ready:
            self._join()
            raise AssertionError(f"the host ended with {self.process.returncode}: {self.errors()}")
        self.url = re.search(r" on (https?://\S+),", self.output()).group(1)
        host, port = self.url.split("://")[1].rsplit(":", 1)
        self.address = (host.strip("[]"), int(port))

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

    def access(self):
        return [line for line in self.log() if line["message"] == "request"]

    def connect(self):
        client = socket.create_connection(self.address, timeout=DEADLINE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def pause(self):
        """Until SIGCONT. All of its threads stand when this returns: a signal that is sent has not arrived yet."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

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

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))


class Response:
    """One parsed response."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Reader:
    """Reads responses off a socket, one after the other."""

    def __init__(self, client):
        self.client = client
        self.buffer = b""

    def _fill(self):
        piece = self.client.recv(65536)
        self.buffer += piece
        return bool(piece)

    def response(self, method="GET"):
        """The next response, or None when the connection ended before its first byte."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._fill():
                if self.buffer:
                    raise AssertionError(f"the connection ended within a response: {self.buffer!r}")
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status_line, *lines = head.decode().split("\r\n")
        version, status, _ = status_line.split(" ", 2)
        assert version == "HTTP/1.1", status_line
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", "0"))
        if method == "HEAD" or status in ("100", "204", "304"):
            length = 0
        while len(self.buffer) < length:
            if not self._fill():
                raise AssertionError("the connection ended within a body")
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Response(int(status), headers, body)

    def at_end(self):
        """Whether the server has closed, with nothing more to say."""
        return not self.buffer and not self._fill()


def request(path="/health/live", method="GET", body=b"", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: test"]
    if body:
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class HostTest(unittest.TestCase):
    """A test with a folder of its own and hosts that are stopped afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nexpo-http-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *flags, environment=None, binary=BINARY):
        host = Host(self.folder, *flags, environment=environment, binary=binary)
        self.addCleanup(host.stop)
        return host

    def connect(self, host):
        client = host.connect()
        self.addCleanup(client.close)
        return client, Reader(client)

    def ask(self, host, raw, method="GET"):
        """Sends bytes on a connection of their own and answers the first response."""
        client, reader = self.connect(host)
        client.sendall(raw)
        return reader.response(method)


def main():
    if not BINARY:
        raise SystemExit("NEXPO_HTTP_BINARY must name the program under test")
    unittest.main(verbosity=2)
