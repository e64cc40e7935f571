#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many calls at once, and live events, with asyncio."""

import asyncio

import nexpo


async def follow(acme: nexpo.Api, count: int, ready: asyncio.Event) -> list[str]:
    async with acme.aio.events.subscribe(events=["user.created"]) as events:
        ready.set()
        seen: list[str] = []
        while len(seen) < count:
            event = await events.next()
            if event is not None:
                seen.append(event.payload["email"])
        return seen


async def main(backend: nexpo.Backend) -> None:
    acme = backend.as_system("acme")
    await acme.aio.users.create(email="ada@example.com")
    ready = asyncio.Event()
    following = asyncio.create_task(follow(acme, 100, ready))
    await ready.wait()

    # All of them wait for one or two commits.
    made = await asyncio.gather(*(acme.aio.users.create(email=f"user{i}@example.com") for i in range(100)))
    print(f"made {len(made)} users")
    print(f"saw {len(await following)} events")
    print(len([user async for user in acme.aio.users.list()]), "users in all")


if __name__ == "__main__":
    with nexpo.open("sqlite:app.db") as backend:
        asyncio.run(main(backend))

# prints: made 100 users
# prints: saw 100 events
# prints: 101 users in all
