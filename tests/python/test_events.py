# SPDX-License-Identifier: Apache-2.0
"""Live events."""

from __future__ import annotations

import asyncio
import threading

import nexpo
import pytest


def test_events_come_one_by_one(acme: nexpo.Api) -> None:
    acme.users.create(email="first@example.com")  # makes the organization
    with acme.events.subscribe(events=["user.created"]) as events:
        assert events.try_next() is None
        assert events.next(timeout=0.01) is None
        ada = acme.users.create(email="ada@example.com")
        acme.users.update(id=ada.id, name="Ada")
        acme.users.create(email="bob@example.com")
        first = events.next(timeout=30)
        assert first is not None
        assert first.name == "user.created"
        assert first.payload == {"user_id": ada.id, "email": "ada@example.com", "role": "member"}
        for event in events:
            assert event.payload["email"] == "bob@example.com"
            break
    with acme.events.subscribe(after=first.id) as again:
        assert [event.name for event in (again.next(30), again.next(30)) if event] == ["user.updated", "user.created"]


def test_closing_ends_an_iteration(acme: nexpo.Api) -> None:
    acme.users.create(email="first@example.com")
    events = acme.events.subscribe()
    threading.Timer(0.1, events.close).start()
    assert list(events) == []


def test_a_closed_backend_ends_a_subscription(backend: nexpo.Backend, acme: nexpo.Api) -> None:
    acme.users.create(email="first@example.com")
    events = acme.events.subscribe()
    backend.close()
    with pytest.raises(nexpo.Unavailable):
        events.next(timeout=5)


def test_refuses_a_pattern_that_no_event_fits(acme: nexpo.Api) -> None:
    acme.users.create(email="first@example.com")
    with pytest.raises(nexpo.InvalidArgument):
        acme.events.subscribe(events=["nothing.happened"])
    with pytest.raises(nexpo.InvalidArgument):
        acme.events.subscribe(events=[7])  # type: ignore[list-item]


def test_events_for_asyncio(acme: nexpo.Api) -> None:
    async def main() -> None:
        await acme.aio.users.create(email="first@example.com")
        async with acme.aio.events.subscribe(events=["user.*"]) as events:
            assert await events.next(timeout=0.01) is None
            waiting = asyncio.create_task(events.next())
            await asyncio.sleep(0.01)
            ada = await acme.aio.users.create(email="ada@example.com")
            event = await waiting
            assert event is not None
            assert event.payload["user_id"] == ada.id
            await acme.aio.users.remove(id=ada.id)
            async for event in events:
                assert event.name == "user.removed"
                break
        with pytest.raises(nexpo.Unavailable):
            await events.next(timeout=1)

    asyncio.run(main())
