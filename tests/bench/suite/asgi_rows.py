# SPDX-License-Identifier: Apache-2.0
"""Rows about the gateway as an ASGI application, under uvicorn."""

import json
import sys

from context import SOURCE, CannotMeasure, Measured, run
from http_rows import me_rate, site_of
from servers import Server


def python_of(context):
    """A Python with uvicorn and Starlette, as the tests of the package have it."""
    tools = context.binaries / "tools/python"
    run([str(SOURCE.parents[0] / "python/tools"), sys.executable, str(tools)])
    return str(tools / "bin/python")


class AsgiServer(Server):
    """uvicorn with one process and no access log."""

    def __init__(self, context, folder, *arguments):
        if not list((context.binaries / "bindings/python/nexpo").glob("_core.*.so")):
            raise CannotMeasure("the Python extension is not built")
        super().__init__(context, [python_of(context), str(SOURCE / "peers/asgi/server.py"), *arguments], folder,
                         {"PYTHONPATH": str(context.binaries / "bindings/python"),
                          "PYTHONPYCACHEPREFIX": str(context.folder / "pyc")})


def asgi_me(context):
    site = site_of(context)
    folder = site.copy("asgi")
    body = json.dumps(site.me, separators=(",", ":"))
    with AsgiServer(context, folder, "ours", f"sqlite:{folder / 'data/nexpo.db'}", str(folder / "data/nexpo.key")) as ours, \
            AsgiServer(context, context.folder / "starlette", "constant", body) as constant:
        answer = ours.ask("GET", "/users/me", token=site.token)
        if answer != (200, site.me):
            raise CannotMeasure(f"nexpo.asgi answers something else: {answer}")
        return Measured(*context.rounds_of(lambda: me_rate(context, ours, site.bearer), lambda: me_rate(context, constant)))
