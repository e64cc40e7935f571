# SPDX-License-Identifier: Apache-2.0
"""Calls of asyncio."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import nexpo
import pytest


def test_calls_go_on_at_the_same_time(acme: nexpo.Api) -> None:
    async def main() -> None:
        users = acme.aio.users
        made = await asyncio.gather(*(users.create(email=f"user{i}@example.com") for i in range(100)))
        assert len({user.id for user in made}) == 100
        assert [user.email async for user in users.list(limit=30)] == [user.email async for user in users.list()]
        assert [len(page.items) async for page in users.list(limit=60).pages()] == [60, 40]
        assert len((await users.list(limit=5).page()).items) == 5
        assert await users.get(id=made[7].id) == made[7]

    before = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() == before


def test_errors_are_raised_where_one_awaits(acme: nexpo.Api) -> None:
    async def main() -> None:
        await acme.aio.users.create(email="ada@example.com")
        with pytest.raises(nexpo.AlreadyExists, match="email_taken"):
            await acme.aio.users.create(email="ada@example.com")
        bad: Any = 7
        with pytest.raises(nexpo.InvalidArgument, match="/email must be a string"):
            await acme.aio.users.create(email=bad)
        assert (await acme.invoke_async("users.create", {"email": "bob@example.com"}))["name"] == ""
        with pytest.raises(nexpo.Unimplemented):
            await acme.invoke_async("users.fly", {})

    asyncio.run(main())


def test_what_takes_time_does_not_hold_the_loop(acme: nexpo.Api) -> None:
    async def main() -> None:
        turns = 0
        making = asyncio.create_task(acme.aio.users.create(email="ada@example.com", password="correct horse"))
        while not making.done():
            turns += 1
            await asyncio.sleep(0)
        assert making.result().email == "ada@example.com"
        assert turns > 10

    asyncio.run(main())


def test_a_cancelled_task_stops_its_call(acme: nexpo.Api) -> None:
    async def main() -> None:
        await acme.aio.users.create(email="first@example.com")
        tasks = [
            asyncio.create_task(acme.aio.users.create(email=f"user{i}@example.com", password="correct horse"))
            for i in range(20)
        ]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)
        assert (await acme.aio.users.create(email="ada@example.com")).version == 1

    asyncio.run(main())


def test_a_loop_may_end_while_calls_go_on(acme: nexpo.Api) -> None:
    async def main() -> None:
        for i in range(20):
            asyncio.create_task(acme.aio.users.create(email=f"user{i}@example.com"))  # noqa: RUF006
        await asyncio.sleep(0)

    for _ in range(3):
        asyncio.run(main())
    assert acme.users.create(email="last@example.com").version == 1


def test_loops_are_not_kept(acme: nexpo.Api) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(acme.aio.users.create(email="ada@example.com"))
    loop.close()
    known = weakref.ref(loop)
    del loop
    gc.collect()
    assert known() is None


def test_needs_a_loop(acme: nexpo.Api) -> None:
    call = acme.aio.users.create(email="ada@example.com")
    with pytest.raises(RuntimeError, match="no running event loop"):
        call.send(None)


def test_loops_of_many_threads(acme: nexpo.Api) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        async def main() -> None:
            made = await asyncio.gather(*(acme.aio.users.create(email=f"u{number}.{i}@example.com") for i in range(20)))
            for user in made:
                assert await acme.aio.users.get(id=user.id) == user

        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(1 for _ in acme.users.list()) == 160
