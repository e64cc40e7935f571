# SPDX-License-Identifier: Apache-2.0
"""Plugins whose class is written in Python."""

from __future__ import annotations

import logging
import os
import pathlib
import shutil
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import nexpo
import pytest
from conftest import Run
from memory_queue import MemoryQueue
from nexpo import plugin


def working(done: threading.Event) -> nexpo.Application:
    app = nexpo.Application()

    @app.operation("things.do", kind="mutation", permission="a:b")
    def start(call: nexpo.Call) -> None:
        return call.write(lambda tx: tx.enqueue("thing.do") and None)

    @app.job("thing.do")
    def do(run: nexpo.JobRun) -> None:
        done.set()

    return app


class CountingQueue(MemoryQueue):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.received = threading.Event()

    def send(self, messages: Sequence[plugin.QueueMessage]) -> Sequence[nexpo.Error | None]:
        self.sent += [message.body for message in messages]
        return super().send(messages)

    def acknowledge(self, deliveries: Sequence[plugin.QueueDelivery]) -> Sequence[nexpo.Error | None]:
        answers = super().acknowledge(deliveries)
        self.received.set()
        return answers


def test_a_queue_wakes_workers(settings: dict[str, Any]) -> None:
    done, queue = threading.Event(), CountingQueue()
    with nexpo.open(**{**settings, "threads": {"jobs": 1}}, application=working(done), queue=queue) as backend:
        backend.as_system("acme").invoke("things.do", {})
        assert done.wait(10) and queue.received.wait(10)
        assert len(queue.sent) == 1 and queue.sent[0].startswith(b"job_")


SUITE = pathlib.Path(nexpo.__file__).parent.parent / "suite"  # where the build puts it, beside the package


@pytest.mark.skipif(not SUITE.exists(), reason="the target nexpo_python_queue_suite is not built")
def test_a_queue_passes_the_public_suite(run: Run) -> None:
    program = """
        import sys
        sys.path[:0] = [{suite!r}, {tests!r}]
        import queue_suite
        from memory_queue import MemoryQueue
        sys.exit(queue_suite.run(MemoryQueue, MemoryQueue.MOST_DELIVERIES, ["suite"]))
        """
    printed = run(program.format(suite=str(SUITE), tests=str(pathlib.Path(__file__).parent)))
    assert "[  PASSED  ]" in printed and "0 tests" not in printed


class BrokenQueue(MemoryQueue):
    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def send(self, messages: Sequence[plugin.QueueMessage]) -> Sequence[nexpo.Error | None]:
        raise ValueError("the queue is broken")

    def receive(self, most: int, wait: float, stop: nexpo.Stop) -> Sequence[plugin.QueueDelivery]:
        self.asked.set()
        raise ValueError("the queue is broken")


def test_jobs_run_although_the_queue_is_broken(settings: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    done, queue = threading.Event(), BrokenQueue()
    with (
        caplog.at_level(logging.WARNING, "nexpo"),
        nexpo.open(**{**settings, "threads": {"jobs": 1}}, application=working(done), queue=queue) as backend,
    ):
        backend.as_system("acme").invoke("things.do", {})
        assert done.wait(10) and queue.asked.wait(10)
    assert "ValueError: the queue is broken" in caplog.text


class Clock(plugin.Clock):
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self.time

    def steady_now(self) -> int:
        return int((self.time - datetime(2020, 1, 1, tzinfo=timezone.utc)) / timedelta(microseconds=1)) * 1000


def test_a_clock_is_looked_at(settings: dict[str, Any]) -> None:
    clock = Clock()
    with nexpo.open(**settings, clock=clock) as backend:
        acme = backend.as_system("acme")
        assert acme.users.create(email="ada@example.com").created_at == clock.time
        clock.time += timedelta(days=3)
        assert acme.users.create(email="bob@example.com").created_at == clock.time


def test_a_clock_that_fails_is_replaced_by_that_of_the_system(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Clock):
        def now(self) -> datetime:
            raise ValueError("no time")

    with caplog.at_level(logging.WARNING, "nexpo"), nexpo.open(**settings, clock=Broken()) as backend:
        made = backend.as_system("acme").users.create(email="ada@example.com")
        assert abs(made.created_at - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert "ValueError: no time" in caplog.text


def test_randomness_is_taken(settings: dict[str, Any]) -> None:
    class Random(plugin.Random):
        asked = 0

        def fill(self, size: int) -> bytes:
            Random.asked += size
            return os.urandom(size)

    with nexpo.open(**settings, random=Random()) as backend:
        backend.as_system("acme").users.create(email="ada@example.com")
    assert Random.asked > 10

    class Short(plugin.Random):
        def fill(self, size: int) -> bytes:
            return b"x"

    with pytest.raises(nexpo.Error):
        nexpo.open(**{**settings}, random=Short()).as_system("acme").users.create(email="eve@example.com")


class Sink(plugin.LogSink):
    def __init__(self, level: plugin.LogLevel, fails: bool = False) -> None:
        self._level: plugin.LogLevel = level
        self._fails = fails
        self.records: list[tuple[str, str, dict[str, Any], datetime]] = []

    def level(self) -> plugin.LogLevel:
        return self._level

    def write(self, level: str, message: str, fields: dict[str, Any], time: datetime) -> None:
        self.records.append((level, message, fields, time))
        if self._fails:
            raise ValueError("the log is broken")


def test_log_records_are_written(settings: dict[str, Any]) -> None:
    sink, quiet = Sink("debug"), Sink("error")
    nexpo.open(**settings, log=sink).close()
    assert any("sealing_key" in message for _, message, _, _ in sink.records)
    assert all(level in ("debug", "info", "warning", "error") and time.tzinfo for level, _, _, time in sink.records)
    nexpo.open(**settings, log=quiet).close()
    assert not quiet.records


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_log_that_fails_harms_nobody(settings: dict[str, Any]) -> None:
    with nexpo.open(**settings, log=Sink("debug", fails=True)) as backend:
        assert backend.as_system("acme").users.create(email="ada@example.com")


def test_what_is_no_plugin_is_refused(settings: dict[str, Any]) -> None:
    for name in ("queue", "clock", "random", "log"):
        with pytest.raises(TypeError):
            nexpo.open(**settings, **{name: object()})
    with pytest.raises(TypeError, match="no such setting"):
        nexpo.open(**settings, unknown=1)


def test_the_program_ends_with_plugins_open(run: Run, tmp_path: pathlib.Path) -> None:
    shutil.copy(pathlib.Path(__file__).parent / "memory_queue.py", tmp_path)
    run(
        """
        import nexpo
        from memory_queue import MemoryQueue
        app = nexpo.Application()
        app.job("thing.do")(lambda run: None)
        backend = nexpo.open("sqlite:app.db", application=app, queue=MemoryQueue(), threads={"jobs": 2})
        backend.as_system("acme").users.create(email="ada@example.com")
        """
    )
