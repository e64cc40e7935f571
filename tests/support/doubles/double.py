# SPDX-License-Identifier: Apache-2.0
"""What the doubles of services share: an HTTP server that refuses whatever its vendor does not document, and faults on
request.

POST /_double/faults  {"path": regular expression, "status", "headers", "body", "times"} answers so instead when it is
                      found in "<Host> <method> <path>"; with "close": true it does what it was asked and says nothing
POST /_double/revoke  {"whose"} makes the tokens of somebody invalid
GET  /_double/counts  how often each kind of token was asked for, by whose it was
"""

import collections
import json
import re
import secrets
import select
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(Exception):
    """Ends a request with this answer."""

    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def refuse(why):
    """Somebody has sent what the vendor does not document."""
    print("REFUSED:", why, file=sys.stderr, flush=True)
    raise Answer(400, {"refused": why})


def check(holds, why):
    if not holds:
        refuse(why)


def members(value, required, optional=()):
    """The object has these members and no others."""
    check(isinstance(value, dict), f"an object was expected, not {value!r:.100}")
    check(set(required) <= set(value) <= set(required) | set(optional), f"members {sorted(value)}")
    return value


class Tokens:
    """Access tokens that were given and are good."""

    def __init__(self):
        self.lock = threading.Lock()
        self.good = {}
        self.counts = collections.Counter()

    def give(self, whose):
        with self.lock:
            token = "ya29." + secrets.token_urlsafe(60)
            self.good[token] = whose
            self.counts[whose] += 1
            return token

    def is_good(self, token):
        with self.lock:
            return token in self.good

    def revoke(self, whose):
        with self.lock:
            self.good = {token: holder for token, holder in self.good.items() if holder != whose}


class Handler(BaseHTTPRequestHandler):
    """One request: `serve` of the double answers it by raising Answer."""

    protocol_version = "HTTP/1.1"
    server_version = "double"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def json_body(self):
        check(self.headers.get("Content-Type") == "application/json", f"Content-Type {self.headers.get('Content-Type')}")
        return self.any_json()

    def any_json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return refuse("the body is not JSON")

    def is_gone(self):
        """Whether the client has hung up."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def one_header(self, name):
        values = self.headers.get_all(name, [])
        check(len(values) == 1, f"{len(values)} headers {name}")
        return values[0]

    def handle_any(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        silent = False
        try:
            if self.path.startswith("/_double/"):
                self.control()
            fault = self.server.fault(f"{self.headers.get('Host')} {self.command} {self.path}")
            silent = bool(fault and fault.get("close"))
            if fault and not silent:
                raise Answer(fault["status"], fault.get("body"), fault.get("headers"))
            check("chunked" not in self.headers.get("Transfer-Encoding", ""), "a body of unknown length")
            self.server.serve(self)
            raise AssertionError("nothing was answered")
        except Answer as answer:
            self.close_connection = silent
            if not silent:
                self.answer(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def answer(self, answer):
        body = answer.body
        if body is None:
            body = b""
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if answer.status != 204:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def control(self):
        server = self.server
        if self.path == "/_double/faults":
            with server.lock:
                server.faults.append(self.any_json())
        elif self.path == "/_double/revoke":
            server.tokens.revoke(self.any_json()["whose"])
        elif self.path == "/_double/counts":
            raise Answer(200, server.tokens.counts)
        else:
            server.set_up(self, self.path.removeprefix("/_double/"))
        raise Answer(200, {})


class Double(ThreadingHTTPServer):
    """The server. A double has `serve(handler)` and `set_up(handler, path)`, for what its operator would do."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.faults = []
        self.tokens = Tokens()
        super().__init__(("127.0.0.1", port), Handler)

    def fault(self, request):
        with self.lock:
            for fault in self.faults:
                if fault.get("times", 1) > 0 and re.search(fault["path"], request):
                    fault["times"] = fault.get("times", 1) - 1
                    return fault
        return None

    def wait_for(self, handler, most, look):
        """What `look` finds within `most` seconds, for a client that is still there; None else. Holds the lock."""
        end = time.monotonic() + most
        while True:
            if handler.is_gone():
                return None
            found = look()
            left = end - time.monotonic()
            if found or left <= 0:
                return found
            self.changed.wait(min(left, 0.02))
