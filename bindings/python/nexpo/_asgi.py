# SPDX-License-Identifier: Apache-2.0
"""The whole gateway as an ASGI 3 application, for uvicorn and others, or mounted in FastAPI and Starlette."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from nexpo import _core

if TYPE_CHECKING:
    from nexpo._backend import Backend

__all__ = ["Asgi", "asgi"]

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes, Any]

_MOST_MESSAGE = 65_536
"""Bytes of a client's message on a WebSocket, as in the other hosts."""


class _Gone(Exception):
    """The client has gone; nobody waits for an answer."""


def asgi(
    backend: Backend, *, threads: int = 32, heartbeat_seconds: float = 15.0, greeting_seconds: float = 10.0
) -> Asgi:
    """The gateway of `backend` as an ASGI 3 application: REST, OpenAPI, streams and WebSockets.

    `threads` run what waits for more than the embedded database. A stream that has nothing to say sends a sign of life
    every `heartbeat_seconds`; a WebSocket on which nothing is said for the first `greeting_seconds` is closed. The
    application does not close the backend.
    """
    return Asgi(backend, threads=threads, heartbeat_seconds=heartbeat_seconds, greeting_seconds=greeting_seconds)


class Asgi:
    """An ASGI 3 application, see `nexpo.asgi`. Safe to use from several event loops."""

    def __init__(self, backend: Backend, *, threads: int, heartbeat_seconds: float, greeting_seconds: float) -> None:
        self._core = backend._core
        self._body_limit = _core.body_limit(self._core)
        self._heartbeat_seconds = heartbeat_seconds
        self._greeting_seconds = greeting_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="nexpo-asgi")
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Letters] = weakref.WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise ValueError(f"nexpo.asgi does not know scopes of the type {kind!r}")

    def finish(self) -> None:
        """Ends every stream and WebSocket, so that a server which waits for them can go. From any thread."""
        for letters in list(self._loops.values()):
            letters.finish()

    def _letters(self) -> _Letters:
        loop = asyncio.get_running_loop()
        letters = self._loops.get(loop)
        if letters is None:
            letters = self._loops[loop] = _Letters(loop)
        return letters

    async def _run(self, may_block: bool, function: Callable[[], T]) -> T:
        if not may_block:
            return function()
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.finish()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _exchange(self, scope: Scope, method: str) -> Any:
        client = scope.get("client")
        return _core.Exchange(
            self._core,
            method,
            _target(scope),
            scope["headers"],
            client[0] if client else "",
            scope.get("scheme") in ("https", "wss"),
        )

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"].upper()
        exchange = self._exchange(scope, method)
        body: bytes | None = b""
        if not _has_no_body(scope, method):
            try:
                body = await self._body(receive)
            except _Gone:
                return
        if body is None:
            answer = exchange.refuse(413, "body_too_large", "The body is too large.")
        else:
            letters = self._letters()
            number = letters.number()
            if exchange.may_block():
                answer = await self._wait(exchange, receive, self._handle_in_thread(exchange, body, letters, number))
            else:
                answer = exchange.handle(body, letters.mailbox, number)
                if answer is None:
                    with letters.expecting(number) as future:  # before the loop may run _deliver
                        answer = await self._wait(exchange, receive, future)
        await self._send_answer(scope, answer, receive, send, "http.response")

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body, or None when it is too long."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            part = message.get("body", b"")
            size += len(part)
            if size > self._body_limit:
                return None
            if not message.get("more_body", False):
                return b"".join((*parts, part)) if parts else part
            parts.append(part)

    async def _handle_in_thread(self, exchange: Any, body: bytes, letters: _Letters, number: int) -> Answer:
        with letters.expecting(number) as future:
            answer: Answer | None = await self._run(True, lambda: exchange.handle(body, letters.mailbox, number))
            return await future if answer is None else answer

    async def _wait(self, exchange: Any, receive: Receive, coming: Awaitable[Answer]) -> Answer:
        """Waits for the answer, and asks the call to stop when the client goes."""
        answer = asyncio.ensure_future(coming)
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                exchange.stop()
            return await answer
        except asyncio.CancelledError:
            exchange.stop()
            answer.cancel()
            raise
        finally:
            gone.cancel()

    async def _send_answer(self, scope: Scope, answer: Answer, receive: Receive, send: Send, kind: str) -> None:
        status, headers, body, source = answer
        if prefix := scope.get("root_path", ""):
            headers = [_under(prefix, header) for header in headers]
        await send({"type": f"{kind}.start", "status": status, "headers": headers})
        if source is None:
            await send({"type": f"{kind}.body", "body": body})
        else:
            await self._stream(source, receive, send)

    async def _stream(self, source: Any, receive: Receive, send: Send) -> None:
        """A piece is made when the server has taken the one before, so that a slow client costs no memory."""
        letters = self._letters()
        number, ready = letters.listen(source)
        gone = asyncio.ensure_future(_until_gone(receive))
        may_block = source.may_block()
        try:
            more = True
            while more and not gone.done():
                ready.clear()
                piece, last = await self._run(may_block, source.next)
                if not piece and not last:
                    if not await _either(ready, gone, self._heartbeat_seconds) and not gone.done():
                        piece = source.heartbeat()
                if (piece or last) and not gone.done():
                    await send({"type": "http.response.body", "body": piece, "more_body": not last})
                more = not last
        except OSError:
            return  # the server says in this way that the client has gone (ASGI 2.4)
        finally:
            gone.cancel()
            letters.forget(number, source)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        exchange = self._exchange(scope, "GET")
        channel = exchange.connect()
        if channel is None:
            await self._refuse_websocket(scope, exchange, receive, send)
            return
        await send({"type": "websocket.accept"})
        letters = self._letters()
        number, ready = letters.listen(channel)
        try:
            await self._converse(channel, ready, receive, send)
        except OSError:
            return
        finally:
            letters.forget(number, channel)

    async def _refuse_websocket(self, scope: Scope, exchange: Any, receive: Receive, send: Send) -> None:
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1000})
            return
        letters = self._letters()
        number = letters.number()
        answer = exchange.handle(b"", letters.mailbox, number)
        if answer is None:
            with letters.expecting(number) as future:
                answer = await future
        await self._send_answer(scope, answer, receive, send, "websocket.http.response")

    async def _converse(self, channel: Any, ready: asyncio.Event, receive: Receive, send: Send) -> None:
        may_block = channel.may_block()
        silence: float | None = self._greeting_seconds
        heard = asyncio.ensure_future(receive())
        try:
            while True:
                ready.clear()
                messages, code, reason = await self._run(may_block, channel.next)
                for message in messages:
                    await send({"type": "websocket.send", "text": message})
                if code:
                    return await send({"type": "websocket.close", "code": code, "reason": reason})
                if messages:
                    continue
                if not await _either(ready, heard, silence) and not heard.done():
                    return await send(
                        {"type": "websocket.close", "code": 1008, "reason": "nothing was said in time"}
                    )
                if not heard.done():
                    continue
                message = heard.result()
                if message["type"] == "websocket.disconnect":
                    return None
                text = message.get("text")
                if text is None:
                    return await send({"type": "websocket.close", "code": 1003, "reason": "messages are text"})
                if len(text) > _MOST_MESSAGE or len(text.encode()) > _MOST_MESSAGE:
                    return await send({"type": "websocket.close", "code": 1009, "reason": "the message is too long"})
                silence = None
                heard = asyncio.ensure_future(receive())
                await self._run(may_block, lambda: channel.receive(text))  # noqa: B023
        finally:
            heard.cancel()


class _Letters:
    """What library threads have for the coroutines of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.mailbox = _core.Mailbox()
        self._last = 0
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._events: dict[int, tuple[asyncio.Event, Any]] = {}
        self._loop = weakref.ref(loop)
        loop.add_reader(self.mailbox.fileno(), self._deliver)

    def number(self) -> int:
        """The next receiver of letters."""
        self._last += 1
        return self._last

    @contextlib.contextmanager
    def expecting(self, number: int) -> Iterator[asyncio.Future[Answer]]:
        """What the receiver is answered. An answer that comes when nobody waits any more is dropped."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            yield future
        finally:
            self._answers.pop(number, None)

    def listen(self, source: Any) -> tuple[int, asyncio.Event]:
        number, event = self.number(), asyncio.Event()
        self._events[number] = (event, source)
        source.on_ready(self.mailbox, number)
        return number, event

    def forget(self, number: int, source: Any) -> None:
        del self._events[number]
        source.on_ready(None, number)

    def finish(self) -> None:
        loop = self._loop()
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        for event, source in list(self._events.values()):
            source.finish()
            event.set()

    def _deliver(self) -> None:
        for number, answer in self.mailbox.take():
            if answer is not None:
                future = self._answers.get(number)
                if future is not None and not future.done():
                    future.set_result(answer)
            elif number in self._events:
                self._events[number][0].set()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _either(ready: asyncio.Event, other: asyncio.Future[Any], seconds: float | None) -> bool:
    """Waits for one of them; false when neither came in time."""
    waiter = asyncio.ensure_future(ready.wait())
    try:
        done, _ = await asyncio.wait({waiter, other}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        waiter.cancel()


def _has_no_body(scope: Scope, method: str) -> bool:
    """Whether there is nothing to wait for (RFC 9112 section 6.3)."""
    if method not in ("GET", "HEAD") or not scope.get("http_version", "1.1").startswith("1"):
        return False
    return all(name not in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _target(scope: Scope) -> str:
    """Path and query as they were sent, below the path at which the application is mounted."""
    prefix = scope.get("root_path", "")
    raw = scope.get("raw_path")
    path: str = raw.decode("latin-1") if raw else quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
    path = path.partition("?")[0]
    for mounted in (prefix, quote(prefix)) if prefix else ():
        if path == mounted or path.startswith(mounted + "/"):
            path = path[len(mounted) :] or "/"
            break
    query = scope.get("query_string", b"")
    return f"{path}?{query.decode('latin-1')}" if query else path


def _under(prefix: str, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Paths in answers are those below the mount."""
    name, value = header
    if name == b"location" and value.startswith(b"/"):
        return name, quote(prefix).encode() + value
    return header
