# SPDX-License-Identifier: Apache-2.0
"""Rows about the Python package: what a call costs more than in C++, what it weighs, how soon it is there."""

import os
import shutil
import statistics
import sys
import zipfile

from call_rows import sqlite
from context import SOURCE, CannotMeasure, Measured, run, run_json

PACKAGE = SOURCE.parents[1] / "bindings/python/nexpo"
MEGA = 1e6


def extension(context):
    found = list((context.binaries / "bindings/python/nexpo").glob("_core.*.so"))
    if not found:
        raise CannotMeasure("the Python extension is not built")
    return found[0]


def environment(context):
    # Byte code is kept, as it is for an installed package.
    return {**os.environ, "PYTHONPATH": str(extension(context).parents[1]), "PYTHONPYCACHEPREFIX": str(context.folder / "pyc")}


def python_users_get(context):
    """Both read the same users of one database, in turns; the rest of the difference is Python's own loop."""
    database = sqlite(context, "python")
    users = "200"
    seconds = str(context.seconds)

    def native():
        return run_json(context.on_server_cpu([
            context.program("nexpo_bench_calls"), "get_users", "--database", database, "--seconds", seconds, "--users", users]))

    def python():
        return run_json(context.on_server_cpu([
            sys.executable, "-B", str(SOURCE / "python/get_users.py"), database, seconds]), env=environment(context))

    native()  # fills the organization
    sides = context.rounds_of(lambda: 1e6 / native()["ours"], lambda: 1e6 / python()["ours"])
    return Measured([max(theirs - ours, 0.001) for ours, theirs in zip(*sides, strict=True)],
                    notes={"native_us": statistics.median(sides[0]), "python_us": statistics.median(sides[1])})


def wheel_mb(context):
    """What a wheel holds, compressed as wheels are."""
    copy = context.folder / "extension.so"
    shutil.copy(extension(context), copy)
    run(["strip", str(copy)])
    archive = context.folder / "wheel.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(copy, "nexpo/_core.so")
        for path in sorted(PACKAGE.rglob("*")):
            if path.suffix in (".py", ".pyi", ".typed"):
                wheel.write(path, str(path.relative_to(PACKAGE.parent)))
    return Measured([archive.stat().st_size / MEGA], notes={"extension_mb": copy.stat().st_size / MEGA})


def import_ms(context):
    """Of `import nexpo`, apart from the start of the interpreter."""
    program = "import time; begin = time.perf_counter(); import nexpo; print((time.perf_counter() - begin) * 1000)"

    def once():
        return float(run(context.on_server_cpu([sys.executable, "-c", program]), env=environment(context)))

    once()  # compiles
    return Measured([once() for _ in range(max(3, 4 * context.rounds))])
