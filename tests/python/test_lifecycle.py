# SPDX-License-Identifier: Apache-2.0
"""Threads, processes, interrupts and the end."""

from __future__ import annotations

import threading

import nexpo
import pytest
from conftest import SERVER, Run

on_sqlite = pytest.mark.skipif(SERVER is not None, reason="the programs open a file")

OPEN = """
import asyncio, os, signal, sys, threading, time
import nexpo
backend = nexpo.open("sqlite:app.db")
acme = backend.as_system("acme")
ada = acme.users.create(email="ada@example.com")
"""


def program(text: str) -> str:
    import textwrap

    return OPEN + textwrap.dedent(text)


def test_64_threads_at_once(acme: nexpo.Api) -> None:
    failed: list[BaseException] = []
    start = threading.Barrier(64)

    def work(number: int) -> None:
        try:
            start.wait()
            for i in range(5):
                user = acme.users.create(email=f"user{number}.{i}@example.com")
                assert acme.users.update(id=user.id, name=f"{number}").name == f"{number}"
                assert acme.users.get(id=user.id).name == f"{number}"
                with pytest.raises(nexpo.AlreadyExists):
                    acme.users.create(email=user.email)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(1 for _ in acme.users.list(limit=200)) == 320


def test_other_threads_go_on_during_a_call(acme: nexpo.Api) -> None:
    # Hashing a password takes tens of milliseconds, in which this thread must get its turns.
    hashing = threading.Thread(target=lambda: acme.users.create(email="ada@example.com", password="correct horse"))
    hashing.start()
    turns = 0
    while hashing.is_alive():
        turns += 1
    assert turns > 100


def test_after_closing_every_call_is_unavailable(backend: nexpo.Backend, acme: nexpo.Api) -> None:
    backend.close()
    backend.close()
    with pytest.raises(nexpo.Unavailable, match="closed"):
        acme.users.create(email="ada@example.com")
    with pytest.raises(nexpo.Unavailable):
        backend.seal_audit()


@on_sqlite
def test_handles_keep_their_backend_open(run: Run) -> None:
    assert run(program("""
        del backend
        print(acme.users.get(id=ada.id).email)
    """)) == "ada@example.com\n"


@on_sqlite
@pytest.mark.parametrize("ending", ["", "sys.exit(0)", "backend.close()", "del acme, backend", "import gc; gc.collect()"])
def test_the_interpreter_ends_with_open_handles(run: Run, ending: str) -> None:
    assert run(program(f"""
        events = acme.events.subscribe()
        users = acme.users
        print("done")
        {ending}
    """)) == "done\n"


@on_sqlite
def test_the_interpreter_ends_with_calls_under_way(run: Run) -> None:
    assert run(program("""
        def call():
            number = 0
            while True:
                try:
                    acme.users.create(email=f"user{number}.{threading.get_ident()}@example.com")
                except nexpo.Unavailable:
                    return
                number += 1
        def listen():
            try:
                for event in acme.events.subscribe(): pass
            except nexpo.Unavailable: pass
        for target in (call, call, call, listen, listen):
            threading.Thread(target=target, daemon=True).start()
        while sum(1 for _ in acme.users.list()) < 20: pass
        print("done")
    """)) == "done\n"


@on_sqlite
def test_the_interpreter_ends_with_coroutines_under_way(run: Run) -> None:
    assert run(program("""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        tasks = [loop.create_task(acme.aio.users.create(email=f"u{i}@example.com", password="correct horse")) for i in range(5)]
        loop.run_until_complete(asyncio.sleep(0.001))
        print("done")
    """)) == "done\n"


@on_sqlite
def test_objects_that_outlive_the_interpreter(run: Run) -> None:
    assert run(program("""
        acme.users.get(id=ada.id)
        class Late:
            def __del__(self):
                try:
                    acme.users.get(id=ada.id)
                except Exception as error:
                    os.write(1, type(error).__name__.encode())
        late = Late()
        late.cycle = late
    """)) == "Unavailable"


@on_sqlite
def test_ctrl_c_stops_a_call(run: Run) -> None:
    assert run(program("""
        import sqlite3
        other = sqlite3.connect("app.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # nobody else can write
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        try:
            acme.users.create(email="bob@example.com")
        except KeyboardInterrupt:
            print("interrupted", time.monotonic() - begun < 5)
        other.execute("ROLLBACK")
        print(acme.users.get(id=ada.id).email)
    """)) == "interrupted True\nada@example.com\n"


@on_sqlite
def test_ctrl_c_stops_waiting_for_events(run: Run) -> None:
    assert run(program("""
        with acme.events.subscribe() as events:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                for event in events: pass
            except KeyboardInterrupt:
                print("interrupted")
        print(acme.users.get(id=ada.id).email)
    """)) == "interrupted\nada@example.com\n"


@on_sqlite
def test_a_handler_of_ones_own_keeps_its_signal(run: Run) -> None:
    assert run(program("""
        seen = []
        signal.signal(signal.SIGINT, lambda *_: seen.append(1))
        for i in range(50):
            os.kill(os.getpid(), signal.SIGINT)
            acme.users.update(id=ada.id, name=f"{i}")
        print(len(seen), acme.users.get(id=ada.id).name)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGINT)
        print(acme.users.get(id=ada.id).name)
    """)) == "50 49\n49\n"


@on_sqlite
def test_a_forked_child_is_told(run: Run) -> None:
    assert run(program("""
        child = os.fork()
        if child == 0:
            try:
                acme.users.get(id=ada.id)
            except nexpo.FailedPrecondition as error:
                print(error.reason, flush=True)
            try:
                acme.users.create(email="bob@example.com")
            except nexpo.FailedPrecondition as error:
                print(error.reason, flush=True)
            own = nexpo.open("sqlite:child.db")
            print(own.as_system("acme").users.create(email="bob@example.com").email, flush=True)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print(acme.users.get(id=ada.id).email)
    """)) == "forked\nforked\nbob@example.com\nada@example.com\n"


@on_sqlite
def test_processes_of_multiprocessing(run: Run) -> None:
    assert run("""
        import multiprocessing, sys
        import nexpo

        def work(number):
            with nexpo.open("sqlite:app.db") as backend:
                return backend.as_system("acme").users.create(email=f"user{number}@example.com")

        def fail(number):
            raise nexpo.NotFound("gone", reason="user_not_found")

        if __name__ == "__main__":
            with nexpo.open("sqlite:app.db") as backend:
                for method in ("spawn", "forkserver"):
                    with multiprocessing.get_context(method).Pool(2) as pool:
                        numbers = range(4) if method == "spawn" else range(4, 8)
                        print(sorted(user.email for user in pool.map(work, numbers)))
                        try:
                            pool.apply(fail, (1,))
                        except nexpo.NotFound as error:
                            print(error.reason)
    """).count("user_not_found") == 2


@on_sqlite
@pytest.mark.parametrize("before", ["", "import nexpo"])
def test_sub_interpreters_are_refused(run: Run, before: str) -> None:
    program = f"""
import _xxsubinterpreters as interpreters
{before}
interpreters.run_string(interpreters.create(), '''
try:
    import nexpo
except ImportError as error:
    print("sub-interpreter" in str(error), flush=True)
''')
"""
    assert run(program) == "True\n"
