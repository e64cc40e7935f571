# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python package share."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator

import nexpo
import pytest

SERVER = os.environ.get("NEXPO_TEST_SERVER")  # the folder of a PostgreSQL server; without one: SQLite


def psql(statement: str) -> None:
    subprocess.run(
        ["psql", "--quiet", "--host", str(SERVER), "--username", "postgres", "--dbname", "postgres", "--command", statement],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def settings(tmp_path: pathlib.Path) -> Iterator[dict[str, object]]:
    """An empty database, and no limits."""
    limits = nexpo.LimitsConfig(address_per_minute=0, account_per_minute=0, caller_per_minute=0)
    threads = {"jobs": 0}
    if SERVER is None:
        yield {"database": f"sqlite:{tmp_path / 'app.db'}", "limits": limits, "threads": threads}
        return
    name = f"python_{uuid.uuid4().hex}"
    psql(f"CREATE DATABASE {name} OWNER nexpo_owner")

    def url(role: str) -> str:
        return f"postgresql://{role}@/{name}?host={SERVER}"

    yield {"database": url("nexpo_app"), "database_owner": url("nexpo_owner"), "limits": limits, "threads": threads}
    psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def backend(settings: dict[str, object]) -> Iterator[nexpo.Backend]:
    with nexpo.open(**settings, auth={"open_registration": True}) as backend:  # type: ignore[arg-type]
        yield backend


@pytest.fixture
def acme(backend: nexpo.Backend) -> nexpo.Api:
    return backend.as_system("acme")


Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    """Runs a program in a process of its own; answers what it prints."""

    def run(program: str, *, fails: bool = False, flags: tuple[str, ...] = ()) -> str:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(program), encoding="utf-8")
        ended = subprocess.run(
            [sys.executable, "-B", *flags, str(path)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},
        )
        assert (ended.returncode != 0) == fails, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout if not fails else ended.stderr

    return run
