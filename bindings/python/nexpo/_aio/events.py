# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The operations `events.…`, as coroutines."""

from __future__ import annotations

from collections.abc import Sequence

from nexpo import _core
from nexpo._events import AsyncSubscription
from nexpo._types.events import Event

__all__ = ["AsyncEvents"]


class AsyncEvents:
    """`events` of the caller's organization, for asyncio."""

    __slots__ = ("_api", "_start")

    def __init__(self, api: _core.Api) -> None:
        self._api = api
        self._start = api.start

    def subscribe(self, *, events: Sequence[str] = (), after: str | None = None) -> AsyncSubscription:
        """Follow what happens in the organization.

        A stream of server-sent events (WHATWG HTML section 9.2), or of JSON messages over WebSocket (RFC 6455). Every
        event that was committed comes once, in an order that is the same for all. Who was cut off goes on behind the
        last event that came, with `after` or `Last-Event-ID`. Events that the caller may not see are left out.

        Args:
            events: Only events of these names: `user.created`, `user.*` for all of a noun. Empty: all.
            after: The id of an event: everything after it is delivered first, up to seven days old.

        Raises:
            OutOfRange: `event_too_old`.
            NotFound: `event_not_found`.
            ResourceExhausted: `too_many_streams`.
        """
        return AsyncSubscription(self._api, events, after)
