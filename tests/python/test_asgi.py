# SPDX-License-Identifier: Apache-2.0
"""The gateway under a real ASGI server."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import nexpo
import pytest
import uvicorn
import websockets
import websockets.sync.client
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

PASSWORD = "correct horse battery"


@dataclass
class Wait:
    seconds: float = 30.0


@dataclass
class Waited:
    stopped: bool = False


class Server:
    """uvicorn on a free port, on a thread of its own."""

    def __init__(self, app: Any, **settings: Any) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.ws_url = f"ws://127.0.0.1:{port}"
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, **settings)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Server:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < until
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._socket.close()


stopped = threading.Event()
entered = threading.Event()


def application() -> nexpo.Application:
    app = nexpo.Application()
    app.grant("member", "things:read")

    @app.operation("things.wait", rest="GET /things/wait", permission="things:read")
    def wait(call: nexpo.Call, input: Wait) -> Waited:
        entered.set()
        until = time.monotonic() + input.seconds
        pause = threading.Event()
        while time.monotonic() < until and not call.stop_requested:
            pause.wait(0.01)
        if call.stop_requested:
            stopped.set()
        return Waited(call.stop_requested)

    return app


@pytest.fixture
def backend(settings: dict[str, Any]) -> Iterator[nexpo.Backend]:
    gateway = {"cors_origins": ["https://app.example.com"], "body_bytes": 20_000}
    with nexpo.open(
        **settings, application=application(), auth={"open_registration": True}, gateway=gateway
    ) as backend:
        yield backend


@pytest.fixture
def server(backend: nexpo.Backend) -> Iterator[Server]:
    app = nexpo.asgi(backend, heartbeat_seconds=0.2, greeting_seconds=0.3)
    with Server(app) as server:
        yield server
        app.finish()


@pytest.fixture
def token(backend: nexpo.Backend) -> str:
    return backend.as_anonymous().auth.sign_up(email="ada@example.com", password=PASSWORD).access_token


@pytest.fixture
def client(server: Server, token: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {token}"}, timeout=20) as client:
        yield client


def test_reads_and_writes(client: httpx.Client) -> None:
    made = client.post("/users", json={"email": "bob@example.com"})
    assert made.status_code == 201 and made.headers["location"] == f"/users/{made.json()['id']}"
    got = client.get(made.headers["location"])
    assert got.json() == made.json() and got.headers["etag"] == '"v1"'
    assert got.headers["content-length"] == str(len(got.content))
    changed = client.patch(f"/users/{made.json()['id']}", json={"name": "Bob"}, headers={"if-match": '"v1"'})
    assert changed.json()["name"] == "Bob" and changed.headers["etag"] == '"v2"'
    stale = client.patch(f"/users/{made.json()['id']}", json={"name": "Bo"}, headers={"if-match": '"v1"'})
    assert stale.status_code == 412
    assert client.delete(f"/users/{made.json()['id']}").status_code in (200, 204)
    assert client.get("/users", params={"limit": 1}).json()["items"][0]["email"] == "ada@example.com"


def test_what_every_answer_has(client: httpx.Client) -> None:
    answer = client.get("/users/me")
    assert answer.status_code == 200
    for name in ("x-request-id", "traceparent", "x-content-type-options", "ratelimit-limit"):
        assert name in answer.headers or name == "ratelimit-limit"
    not_modified = client.get("/users/me", headers={"if-none-match": answer.headers["etag"]})
    assert not_modified.status_code == 304 and not_modified.content == b""
    head = client.head("/users/me")
    assert head.status_code == 200 and head.content == b"" and head.headers["etag"] == answer.headers["etag"]
    late_head = client.head("/things/wait", params={"seconds": 0})
    assert late_head.status_code == 200 and late_head.headers.get("content-length") != "0"


def test_problems(client: httpx.Client, server: Server) -> None:
    problem = client.post("/users", json={"email": "bob"})
    assert problem.status_code == 400 and problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["reason"] == "validation_failed"
    assert httpx.get(server.url + "/users/me").status_code == 401
    assert client.get("/nothing/here").status_code == 404
    assert client.put("/users").status_code == 405
    assert client.post("/users", content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert client.post("/users", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_bodies_have_a_limit(client: httpx.Client) -> None:
    answer = client.post("/users", content=b" " * 20_001, headers={"content-type": "application/json"})
    assert answer.status_code == 413 and answer.json()["reason"] == "body_too_large"
    assert "x-content-type-options" in answer.headers and answer.headers["x-request-id"]

    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 1_000

    answer = client.post("/users", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    zeros = gzip.compress(b" " * 1_000_000)
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    assert client.post("/users", content=zeros, headers=packed).status_code == 413
    small = gzip.compress(b'{"email": "bob@example.com"}')
    assert client.post("/users", content=small, headers=packed).status_code == 201


def test_gzip_and_cors(client: httpx.Client) -> None:
    document = client.get("/openapi.json")
    assert document.headers["content-encoding"] == "gzip" and document.json()["openapi"].startswith("3.1")
    plain = client.get("/openapi.json", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.json() == document.json()
    origin = {"origin": "https://app.example.com"}
    preflight = client.options("/users", headers={**origin, "access-control-request-method": "POST"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "access-control-allow-origin" in client.get("/users/me", headers=origin).headers
    assert "access-control-allow-origin" not in client.get("/users/me", headers={"origin": "https://evil.example"}).headers


def test_paths_are_taken_as_they_were_sent(client: httpx.Client) -> None:
    assert client.get("/users/usr%5F1%2F2").status_code == client.get("/users/usr_1%2F2").status_code
    assert client.get("/users%2Fme").status_code == 404
    assert client.get("/users?limit=1&limit=2").status_code == 400
    assert client.get("/users?caf%C3%A9=1").status_code == 400


def test_many_at_once(server: Server, token: str) -> None:
    async def run() -> None:
        headers = {"authorization": f"Bearer {token}"}
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=server.url, headers=headers, limits=limits, timeout=30) as client:
            made = await asyncio.gather(
                *(client.post("/users", json={"email": f"user{number}@example.com"}) for number in range(100))
            )
            assert {answer.status_code for answer in made} == {201}
            got = await asyncio.gather(*(client.get(answer.headers["location"]) for answer in made))
            assert [answer.json()["email"] for answer in got] == [f"user{number}@example.com" for number in range(100)]

    asyncio.run(run())


def test_a_client_that_goes_stops_the_call(server: Server, token: str) -> None:
    stopped.clear()
    entered.clear()
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
        connection.sendall(
            f"GET /things/wait HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        assert entered.wait(10)
    assert stopped.wait(10)


def lines_of(stream: httpx.Response) -> Iterator[str]:
    return (line for line in stream.iter_lines() if line)


def test_events_stream(client: httpx.Client, server: Server, token: str, backend: nexpo.Backend) -> None:
    with client.stream("GET", "/events/stream") as stream:
        assert stream.status_code == 200 and stream.headers["content-type"].startswith("text/event-stream")
        lines = lines_of(stream)
        made = client.post("/users", json={"email": "bob@example.com"}).json()
        data = next(line for line in lines if line.startswith("data:"))
        assert json.loads(data[5:])["payload"]["user_id"] == made["id"]
        assert next(line for line in lines if line.startswith(":")) is not None, "a sign of life"
        other = client.post("/users", json={"email": "eve@example.com"}).json()
        data = next(line for line in lines if line.startswith("data:"))
        assert json.loads(data[5:])["payload"]["user_id"] == other["id"]
    # What the client has left is let go, so that the places for streams (20) do not run out.
    until = time.monotonic() + 20
    opened = 0
    while opened < 30:
        assert time.monotonic() < until
        with client.stream("GET", "/events/stream") as stream:
            opened += stream.status_code == 200


def test_streams_end_when_the_backend_closes(client: httpx.Client, backend: nexpo.Backend) -> None:
    with client.stream("GET", "/events/stream") as stream:
        threading.Timer(0.2, backend.close).start()
        assert list(lines_of(stream)) is not None
    assert client.get("/users/me").status_code == 503


def test_websocket(server: Server, token: str, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with websockets.sync.client.connect(server.ws_url + "/events/stream", additional_headers=headers) as channel:
        channel.send('{"type":"subscribe","events":["user.*"]}')
        assert json.loads(channel.recv(10)) == {"type": "subscribed"}
        made = client.post("/users", json={"email": "bob@example.com"}).json()
        event = json.loads(channel.recv(10))
        assert event["type"] == "event" and event["event"]["payload"]["user_id"] == made["id"]
    with websockets.sync.client.connect(server.ws_url + "/events/stream") as channel:
        channel.send(json.dumps({"type": "subscribe", "token": token}))
        assert json.loads(channel.recv(10)) == {"type": "subscribed"}


@pytest.mark.parametrize(
    ("message", "code"),
    [('{"type":"subscribe"}', None), ("[]", None), (b"\x00", 1003), ("x" * 65_537, 1009), (None, 1008)],
)
def test_websockets_that_say_what_they_must_not(server: Server, message: str | bytes | None, code: int | None) -> None:
    with websockets.sync.client.connect(server.ws_url + "/events/stream") as channel:
        if message is not None:
            channel.send(message)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            while True:
                assert json.loads(channel.recv(10))["type"] == "error"
        assert closed.value.rcvd is not None and closed.value.rcvd.code == code or code is None


def test_websockets_elsewhere_are_refused(server: Server) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        websockets.sync.client.connect(server.ws_url + "/users/me")
    assert refused.value.response.status_code in (401, 403)


@pytest.mark.parametrize("kind", ["starlette", "fastapi"])
def test_mounted_under_a_prefix(backend: nexpo.Backend, token: str, kind: str) -> None:
    gateway = nexpo.asgi(backend)
    app: Any
    if kind == "starlette":
        app = Starlette(routes=[Mount("/api/v1", app=gateway)])
    else:
        app = FastAPI()
        app.mount("/api/v1", gateway)

        @app.get("/own")
        async def own() -> dict[str, str]:
            return {"own": "yes"}

    headers = {"authorization": f"Bearer {token}"}
    with Server(app) as server, httpx.Client(base_url=server.url, headers=headers) as client:
        made = client.post("/api/v1/users", json={"email": "bob@example.com"})
        assert made.status_code == 201 and made.headers["location"] == f"/api/v1/users/{made.json()['id']}"
        assert client.get(made.headers["location"]).json() == made.json()
        assert client.get("/api/v1/users/usr%2F1").json()["reason"] == "user_not_found"
        assert client.get("/users/me").status_code == 404
        if kind == "fastapi":
            assert client.get("/own").json() == {"own": "yes"}
        with websockets.sync.client.connect(server.ws_url + "/api/v1/events/stream", additional_headers=headers) as channel:
            channel.send('{"type":"subscribe"}')
            assert json.loads(channel.recv(10)) == {"type": "subscribed"}
        gateway.finish()


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_under_both_parsers_and_a_root_path(backend: nexpo.Backend, token: str, http: str) -> None:
    with Server(nexpo.asgi(backend), http=http, root_path="/root", loop="asyncio") as server:
        headers = {"authorization": f"Bearer {token}"}
        answer = httpx.get(server.url + "/users/me", headers=headers)
        assert answer.status_code == 200 and answer.json()["email"] == "ada@example.com"


def test_lifespan_and_unknown_scopes(backend: nexpo.Backend) -> None:
    app = nexpo.asgi(backend)

    async def run() -> list[str]:
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await app({"type": "lifespan"}, receive, send)
        with pytest.raises(ValueError):
            await app({"type": "other"}, receive, send)
        return sent

    assert asyncio.run(run()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_client_that_goes_before_its_body_is_there(backend: nexpo.Backend) -> None:
    app = nexpo.asgi(backend)

    async def run() -> None:
        messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            return next(messages)

        async def send(message: Any) -> None:
            raise AssertionError("nobody is there")

        scope = {"type": "http", "method": "POST", "path": "/users", "headers": [], "query_string": b""}
        await app(scope, receive, send)

    asyncio.run(run())


def test_several_loops_use_one_application(backend: nexpo.Backend, token: str) -> None:
    app = nexpo.asgi(backend)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(app)) for _ in range(2)]
        for server in servers * 2:
            answer = httpx.post(
                server.url + "/users",
                json={"email": f"u{time.monotonic_ns()}@example.com"},
                headers={"authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 201
