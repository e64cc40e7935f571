# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in an application's Python code, and what happens at once or at the end."""

from __future__ import annotations

import logging
import threading
from typing import Any

import nexpo
import pytest
from conftest import SERVER, Run
from notes_app import Counted, Open, notes, opened as opened

on_sqlite = pytest.mark.skipif(SERVER is not None, reason="the programs open a file")


def test_other_exceptions_are_internal_with_the_traceback_in_the_log(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    app = notes()

    @app.operation("things.break", kind="mutation", permission="a:b")
    def handler(call: nexpo.Call) -> None:
        raise ValueError("from the handler")

    @app.operation("things.break_late", kind="mutation", permission="a:b")
    def late(call: nexpo.Call) -> None:
        def write(tx: nexpo.Transaction) -> None:
            raise ValueError("from the closure")

        return call.write(write)

    @app.operation("things.answer", kind="mutation", permission="a:b")
    def wrong(call: nexpo.Call) -> Counted:
        return 5  # type: ignore[return-value]

    @app.before("api_keys.list")
    def before(call: nexpo.Call, input: dict[str, Any]) -> None:
        raise ValueError("from the hook before")

    @app.after("users.create")
    def after(call: nexpo.Call, input: dict[str, Any], output: nexpo.User) -> None:
        raise ValueError("from the hook after")

    @app.on("user.created")
    def listen(run: nexpo.JobRun, payload: dict[str, Any]) -> None:
        raise ValueError("from the listener")

    backend = opened(app)
    acme = backend.as_system("acme")
    with caplog.at_level(logging.WARNING, "nexpo"):
        for name in ("things.break", "things.break_late", "things.answer"):
            with pytest.raises(nexpo.Internal) as raised:
                acme.invoke(name, {})
            assert "from the" not in str(raised.value)
        with pytest.raises(nexpo.Internal):
            list(acme.api_keys.list())
        assert acme.users.create(email="ada@example.com").email == "ada@example.com"
        backend.work()
    for place in ("handler", "closure", "hook before", "hook after", "listener"):
        assert f"ValueError: from the {place}" in caplog.text
    assert "test_application_faults.py" in caplog.text
    assert acme.invoke("notes.count", {}) == {"count": 0}, "everything goes on"


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_job_that_wants_to_end_the_program_does_not(opened: Open, raised: type[BaseException]) -> None:
    app = nexpo.Application()
    done = threading.Event()

    @app.operation("things.do", kind="mutation", permission="a:b")
    def start(call: nexpo.Call) -> None:
        return call.write(lambda tx: print(tx.enqueue("thing.do")))

    @app.job("thing.do", max_attempts=1)
    def do(run: nexpo.JobRun) -> None:
        try:
            raise raised
        finally:
            done.set()

    backend = opened(app, threads={"jobs": 1})
    acme = backend.as_system("acme")
    acme.invoke("things.do", {})
    assert done.wait(10)
    while (job := next(iter(acme.jobs.list(kind="thing.do")))).state == "running":
        pass
    assert job.cause == "exception"


def test_handlers_call_the_backend_that_calls_them(opened: Open) -> None:
    app = notes()
    backends: list[nexpo.Backend] = []

    @app.operation("notes.twice", permission="notes:read")
    def twice(call: nexpo.Call) -> Counted:
        count: int = backends[0].as_system("acme").invoke("notes.count", {})["count"]
        return Counted(2 * count)

    backends.append(opened(app))
    acme = backends[0].as_system("acme")
    acme.invoke("notes.create", {"title": "Milk"})
    assert acme.invoke("notes.twice", {}) == {"count": 2}


def test_many_threads_write_through_python_at_once(opened: Open) -> None:
    acme = opened(notes()).as_system("acme")
    acme.invoke("notes.create", {"title": "first"})
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(10):
                acme.invoke("notes.create", {"title": f"{number}"})
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed and not any(thread.is_alive() for thread in threads)
    assert acme.invoke("notes.count", {}) == {"count": 321}


PROGRAM = """
import sys, threading, time, nexpo
app = nexpo.Application()
started = threading.Event()

@app.operation("things.do", kind="mutation", permission="a:b")
def start(call: nexpo.Call) -> None:
    return call.write(lambda tx: [tx.enqueue("thing.do") for _ in range(20)] and None)

@app.job("thing.do")
def do(run: nexpo.JobRun) -> None:
    started.set()
    while not run.stop.wait(0.01):
        sum(range(100))

backend = nexpo.open("sqlite:app.db", application=app, threads={"jobs": 4})
backend.as_system("acme").invoke("things.do", {})
started.wait()
"""


@on_sqlite
@pytest.mark.parametrize("end", ["", "sys.exit(0)", "del backend", "backend.close()"])
def test_the_program_ends_while_jobs_run(run: Run, end: str) -> None:
    run(PROGRAM + end + "\nprint('end')\n" if end != "sys.exit(0)" else PROGRAM + end)


@on_sqlite
def test_an_interrupt_in_a_handler_reaches_the_program(run: Run) -> None:
    assert "interrupted" in run(
        """
        import os, signal, time, nexpo
        app = nexpo.Application()

        @app.operation("things.wait", permission="a:b")
        def wait(call: nexpo.Call) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(30)

        with nexpo.open("sqlite:app.db", application=app, create_organizations=True) as backend:
            acme = backend.as_system("acme")
            acme.users.create(email="ada@example.com")
            try:
                acme.invoke("things.wait", {})
            except KeyboardInterrupt:
                print("interrupted")
        """
    )
