# SPDX-License-Identifier: Apache-2.0
"""Live events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexpo._errors import Unavailable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from nexpo import _core
    from nexpo._types.events import Event

__all__ = ["AsyncSubscription", "Subscription"]


class Subscription:
    """Events of one organization, pulled one by one, in an order that is the same for every subscription.

    Iterate over it, in a `with` statement so that it is closed; or ask for the `next` one. Safe to share between
    threads, which then share the events.
    """

    __slots__ = ("_closed", "_core")

    def __init__(self, core: _core.Subscription) -> None:
        self._core = core
        self._closed = False

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event, or None when none came within `timeout` seconds; without a timeout it waits.

        Raises:
            Unauthenticated, PermissionDenied: the caller may not read any more; this ends the subscription.
            OutOfRange: `event_too_old`: it was not read for seven days; this ends the subscription.
            Unavailable: `closed`; or the database does not answer: ask again.
        """
        return self._core.next(timeout)

    def try_next(self) -> Event | None:
        """The next event, or None when there is none now."""
        return self._core.try_next()

    def close(self) -> None:
        """End it, also for a thread that waits for an event. Idempotent."""
        self._closed = True
        self._core.close()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        try:
            while True:
                event = self._core.next(None)
                if event is not None:
                    return event
        except Unavailable:
            if not self._closed:
                raise
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncSubscription:
    """The same for asyncio: `async with acme.aio.events.subscribe() as events`, then `async for event in events`.

    It begins when it is entered, or asked for its first event.
    """

    __slots__ = ("_api", "_closed", "_core", "_input", "_looking")

    def __init__(self, api: _core.Api, events: Sequence[str], after: str | None) -> None:
        self._api = api
        self._input = (events, after)
        self._core: _core.Subscription | None = None
        self._closed = False
        self._looking: asyncio.Future[Event | None] | None = None

    async def _open(self) -> _core.Subscription:
        if self._closed:
            raise Unavailable("the subscription is closed", reason="closed")
        if self._core is None:
            self._core = await self._api.start_subscribe(*self._input)
        return self._core

    async def next(self, timeout: float | None = None) -> Event | None:
        """The next event, or None when none came within `timeout` seconds; without a timeout it waits.

        Raises what `Subscription.next` raises. For one task at a time.
        """
        import asyncio

        core = await self._open()
        try:
            async with asyncio.timeout(timeout):
                while True:
                    event = await self.try_next()
                    if event is not None:
                        return event
                    await core.ready()
        except TimeoutError:
            return None

    async def try_next(self) -> Event | None:
        """The next event, or None when there is none now."""
        import asyncio

        core = await self._open()
        if self._looking is None:
            self._looking = core.start_try_next()
        # Whoever stops waiting leaves what is found to the next one.
        event = await asyncio.shield(self._looking)
        self._looking = None
        return event

    def close(self) -> None:
        """End it. Idempotent."""
        self._closed = True
        if self._core is not None:
            self._core.close()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while not self._closed:
            try:
                event = await self.next()
            except Unavailable:
                if self._closed:
                    return
                raise
            if event is not None:
                yield event

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
