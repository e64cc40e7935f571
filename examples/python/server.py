# SPDX-License-Identifier: Apache-2.0
"""The whole backend under FastAPI, beside routes of one's own: uvicorn --factory server:make_app"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nexpo
from fastapi import FastAPI
from notes import app as notes


def make_app() -> FastAPI:
    backend = nexpo.open(
        os.environ.get("DATABASE", "sqlite:app.db"), application=notes, auth={"open_registration": True}
    )
    gateway = nexpo.asgi(backend)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        gateway.finish()
        backend.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/hello")
    async def hello() -> dict[str, int]:
        found = await backend.as_system("acme").aio.invoke("notes.list", {})
        return {"notes": len(found["items"])}

    app.mount("/api", gateway)
    return app
