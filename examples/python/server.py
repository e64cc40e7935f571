# SPDX-License-Identifier: Apache-2.0
# prints: 201 /api/notes/
# prints: {'ok': True}
"""The whole backend under FastAPI, beside routes of one's own: uvicorn --factory server:make_app"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import nexpo
import uvicorn
from fastapi import FastAPI
from notes import app as notes


def make_app(jobs: int = 4) -> FastAPI:
    backend = nexpo.open(
        os.environ.get("DATABASE", "sqlite:app.db"),
        application=notes,
        auth={"open_registration": True},
        threads={"jobs": jobs},
    )
    gateway = nexpo.asgi(backend)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        gateway.finish()
        backend.close()

    def ready() -> dict[str, bool]:
        return {"ok": backend.health().ok}

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/ready", ready)
    app.mount("/api", gateway)
    return app


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(jobs=0), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        client = httpx.Client(base_url="http://127.0.0.1:%d" % listening.getsockname()[1], timeout=30)
        person = {"email": "ada@example.com", "password": "correct horse battery", "organization": "Acme"}
        token = client.post("/api/auth/register", json=person).json()["access_token"]
        made = client.post("/api/notes", json={"title": "Milk"}, headers={"authorization": f"Bearer {token}"})
        print(made.status_code, made.headers["location"].partition("note_")[0])
        print(client.get("/ready").json())
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
