# SPDX-License-Identifier: Apache-2.0
"""server.py ours DATABASE KEY_FILE | constant BODY: nexpo.asgi, or a Starlette route with a constant answer, under uvicorn."""

import pathlib
import socket
import sys

import uvicorn


def ours(database, key_file):
    import nexpo

    backend = nexpo.open(
        database,
        sealing_key=pathlib.Path(key_file).read_text(encoding="ascii").strip(),
        auth={"access_token_seconds": 86_400},
        limits={"address_per_minute": 0, "account_per_minute": 0, "caller_per_minute": 1_000_000_000},
    )
    return nexpo.asgi(backend)


def constant(body):
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    content = body.encode()

    async def answer(_):
        return Response(content, media_type="application/json")

    return Starlette(routes=[Route("/users/me", answer)])


def main(kind, *arguments):
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    app = {"ours": ours, "constant": constant}[kind](*arguments)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listening])


main(*sys.argv[1:])
