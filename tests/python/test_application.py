# SPDX-License-Identifier: Apache-2.0
"""Operations, hooks, jobs and tables that a program in Python adds."""

from __future__ import annotations

import dataclasses
import enum
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal

import nexpo
import nexpo.testing
import pytest
from conftest import Run


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Place:
    x: int
    y: int = 0


@dataclass
class CreateNote:
    title: Annotated[str, nexpo.Rule(max=20)]
    tags: Annotated[list[str], nexpo.Rule(max=2)] = field(default_factory=list)
    colour: Colour = Colour.BLUE
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    title: str
    colour: Colour
    made_at: datetime


@dataclass
class GetNote:
    id: Annotated[str, nexpo.Rule(id="note")]


@dataclass
class Counted:
    count: int = 0


@dataclass(slots=True)
class Everything:
    flag: bool = True
    whole: int = 7
    real: float = 1.5
    amount: Decimal = Decimal("2.50")
    text: str = "t"
    data: bytes = b"\x00\xff"
    time: datetime = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    anything: Any = None
    words: Literal["a", "b"] = "b"
    colour: Colour | None = None
    maybe: str | None = None
    change: int | None | nexpo.Unset = nexpo.UNSET
    lists: list[list[bool]] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    secret: Annotated[str, nexpo.Rule(secret=True)] = ""
    tree: list[Everything] = field(default_factory=list)


NOTE_CREATED = nexpo.EventType("note.created", Note)
MIGRATION = (
    "CREATE TABLE notes (id {{id}} PRIMARY KEY, organization_id {{id}} NOT NULL, title {{text}} NOT NULL,"
    " colour {{text}} NOT NULL, made_at {{timestamp}} NOT NULL) {{strict}};"
)


def notes() -> nexpo.Application:
    app = nexpo.Application()
    app.migration("notes", 1, MIGRATION)
    app.grant("member", "notes:write")

    @app.operation(
        "notes.create",
        kind="mutation",
        rest="POST /notes",
        location="/notes/{id}",
        permission="notes:write",
        emits=[NOTE_CREATED],
    )
    def create_note(call: nexpo.Call, input: CreateNote) -> Note:
        """Make a note.

        It stays.
        """
        note = Note(call.new_id("note"), input.title, input.colour, call.now)

        def write(tx: nexpo.Transaction) -> Note:
            assert 1 == tx.execute(
                "INSERT INTO notes (id, organization_id, title, colour, made_at) VALUES ($1, $2, $3, $4, $5)",
                note.id,
                call.organization_id,
                note.title,
                note.colour,
                note.made_at,
            )
            tx.emit("note.created", note)
            tx.audit_target(note.id)
            return note

        return call.write(write)

    @app.operation("notes.get", rest="GET /notes/{id}", permission="notes:read", reasons=[(nexpo.NotFound, "gone")])
    def get_note(call: nexpo.Call, input: GetNote) -> Note:
        sql = "SELECT id, title, colour, made_at FROM notes WHERE id = $1 AND organization_id = $2"
        found = call.read(lambda read: read.one(Note, sql, input.id, call.organization_id))
        if found is None:
            raise nexpo.NotFound("there is no such note", reason="gone")
        return found

    @app.operation("notes.count", permission="notes:read")
    def count_notes(call: nexpo.Call) -> Counted:
        return Counted(call.read(lambda read: read.one(int, "SELECT count(*) FROM notes")) or 0)

    return app


Open = Callable[[nexpo.Application], nexpo.Backend]


@pytest.fixture
def opened(settings: dict[str, Any]) -> Iterator[Open]:
    backends: list[nexpo.Backend] = []

    def opened(app: nexpo.Application, **more: Any) -> nexpo.Backend:
        backends.append(nexpo.open(**{**settings, **more}, application=app))
        return backends[-1]

    yield opened
    for backend in backends:
        backend.close()


def test_operations_are_called_by_name_and_read_back(opened: Open) -> None:
    backend = opened(notes())
    acme = backend.as_system("acme")
    made = acme.invoke("notes.create", {"title": "Milk", "tags": ["a"], "colour": "red"})
    assert made["title"] == "Milk" and made["colour"] == "red"
    assert acme.invoke("notes.get", {"id": made["id"]}) == made
    assert acme.invoke("notes.count", {}) == {"count": 1}
    info = next(one for one in backend.operations() if one.name == "notes.create")
    assert (info.summary, info.description, info.emits) == ("Make a note.", "It stays.", ("note.created",))


def test_rules_hold(opened: Open) -> None:
    acme = opened(notes()).as_system("acme")
    with pytest.raises(nexpo.InvalidArgument) as refused:
        acme.invoke("notes.create", {"title": "far too long a title for a note", "tags": [1], "colour": "green"})
    assert {broken.field for broken in refused.value.violations} == {"/title", "/tags/0", "/colour"}
    with pytest.raises(nexpo.InvalidArgument) as refused:
        acme.invoke("notes.create", {"title": "", "place": {"y": 1}})
    assert {broken.field for broken in refused.value.violations} == {"/title", "/place/x"}
    acme.invoke("notes.create", {"title": "Milk"})
    with pytest.raises(nexpo.InvalidArgument):
        acme.invoke("notes.get", {"id": "usr_1"})


def test_errors_keep_code_and_reason(opened: Open) -> None:
    acme = opened(notes()).as_system("acme")
    acme.invoke("notes.create", {"title": "Milk"})
    with pytest.raises(nexpo.NotFound) as raised:
        acme.invoke("notes.get", {"id": "note_00000000000000000000000000"})
    assert raised.value.reason == "gone"


def test_permissions_hold(opened: Open) -> None:
    backend = opened(notes())
    user = backend.as_system("acme").users.create(email="ada@example.com")

    def caller(role: str) -> nexpo.Api:
        who = nexpo.Caller(kind="account", user_id=user.id, organization_id=user.organization_id, role=role)
        return backend.as_caller(who)

    assert caller("member").invoke("notes.create", {"title": "Milk"})
    with pytest.raises(nexpo.PermissionDenied):
        caller("viewer").invoke("notes.create", {"title": "Milk"})


def test_repeats_with_a_key_answer_the_first(opened: Open) -> None:
    acme = opened(notes()).as_system("acme").with_options(idempotency_key="once")
    first = acme.invoke("notes.create", {"title": "Milk"})
    assert acme.invoke("notes.create", {"title": "Milk"}) == first
    assert acme.invoke("notes.count", {}) == {"count": 1}


def test_every_type_comes_through(opened: Open) -> None:
    app = nexpo.Application()
    seen: list[Everything] = []

    @app.operation("things.echo", kind="mutation", rest="POST /things", permission="things:read")
    def echo(call: nexpo.Call, input: Everything) -> Everything:
        seen.append(input)
        return input

    acme = opened(app).as_system("acme")
    answered = acme.invoke("things.echo", {})
    assert seen[0] == Everything()
    assert answered["amount"] == "2.50" and answered["data"] == "AP8" and answered["words"] == "b"
    assert answered["time"] == "2026-03-01T12:00:00Z" and "change" not in answered
    full = {
        "flag": False,
        "whole": -1,
        "real": 0.5,
        "amount": "-1",
        "text": "é\U0001f600",
        "data": "",
        "time": "2026-01-01T00:00:00.000001Z",
        "anything": {"a": [1, None]},
        "words": "a",
        "colour": "red",
        "maybe": "m",
        "change": None,
        "lists": [[], [True, False]],
        "places": {"home": {"x": 1, "y": 2}},
        "secret": "s",
        "tree": [answered],
    }
    assert acme.invoke("things.echo", full) == full
    last = seen[-1]
    assert last.colour is Colour.RED and last.places == {"home": Place(1, 2)} and last.change is None
    assert last.time.tzinfo is not None and last.tree == [Everything()]


@pytest.mark.parametrize(
    "annotation", [set[int], complex, int | str, dict[int, str], "nexpo.User", Callable[[], int], list[Literal[1]]]
)
def test_what_cannot_be_described_is_refused_at_once(annotation: Any) -> None:
    kind = nexpo.User if annotation == "nexpo.User" else annotation
    broken = dataclasses.make_dataclass("Broken", [("field", kind)])

    def handler(call: Any, input: Any) -> None:
        return None

    handler.__annotations__ = {"input": broken, "return": None}
    with pytest.raises(TypeError, match="things.break.*Broken.field"):
        nexpo.Application().operation("things.break", permission="a:b")(handler)


def test_async_functions_are_refused() -> None:
    app = nexpo.Application()

    async def handler(call: nexpo.Call) -> None:
        return None

    for decorate in (
        app.operation("things.wait", permission="a:b"),
        app.before("users.create"),
        app.after("users.create"),
        app.job("thing.wait"),
        app.on("user.created"),
    ):
        with pytest.raises(TypeError, match="async"):
            decorate(handler)


def test_what_does_not_fit_together_is_refused_when_opening(opened: Open) -> None:
    def with_hook() -> nexpo.Application:
        app = nexpo.Application()
        app.before("nothing.here")(lambda call, input: None)
        return app

    def with_event() -> nexpo.Application:
        app = nexpo.Application()
        app.on("nothing.happened", name="a.b")(lambda run, payload: None)
        return app

    def twice() -> nexpo.Application:
        app = notes()
        app.operation("notes.count", permission="notes:read")(lambda call: None)
        return app

    for make in (with_hook, with_event, twice):
        with pytest.raises(nexpo.InvalidArgument):
            opened(make())
    with pytest.raises(TypeError):
        nexpo.open("sqlite::memory:", application=object())


def test_hooks_change_refuse_and_hear(opened: Open) -> None:
    app = notes()
    heard: list[tuple[Any, Any]] = []

    @app.before("users.create")
    def name(call: nexpo.Call, input: dict[str, Any]) -> None:
        if input["email"] == "eve@example.com":
            raise nexpo.PermissionDenied("not her", reason="unwanted")
        input["name"] = "Named"

    @app.before("notes.create")
    def shout(call: nexpo.Call, input: CreateNote) -> CreateNote:
        return dataclasses.replace(input, title=input.title.upper())

    @app.after("users.create")
    def hear(call: nexpo.Call, input: dict[str, Any], output: nexpo.User) -> None:
        heard.append((input["name"], output.email))

    acme = opened(app).as_system("acme")
    assert acme.users.create(email="ada@example.com").name == "Named"
    with pytest.raises(nexpo.PermissionDenied) as refused:
        acme.users.create(email="eve@example.com")
    assert refused.value.reason == "unwanted"
    assert acme.invoke("notes.create", {"title": "Milk"})["title"] == "MILK"
    with pytest.raises(nexpo.InvalidArgument):
        acme.invoke("notes.create", {"title": "twenty letters ßßßßß"})  # longer in capitals
    assert heard == [("Named", "ada@example.com")]


def test_jobs_run_with_what_was_queued(opened: Open) -> None:
    app = notes()
    ran: list[Any] = []

    @app.operation("places.visit", kind="mutation", permission="places:write")
    def visit(call: nexpo.Call, input: Place) -> None:
        def write(tx: nexpo.Transaction) -> None:
            first = tx.enqueue("place.visit", input, unique_key=f"{input.x}")
            assert tx.enqueue("place.visit", input, unique_key=f"{input.x}") == first
            with pytest.raises(TypeError, match="no option"):
                tx.enqueue("place.visit", input, sooner=True)  # type: ignore[call-arg]

        return call.write(write)

    @app.job("place.visit", max_attempts=3)
    def go(run: nexpo.JobRun, input: Place) -> Counted:
        ran.append((input, run.attempt, run.max_attempts, run.stop_requested))
        run.progress(50, "half")
        if run.attempt == 1:
            raise nexpo.Unavailable("not yet", reason="busy", retry_after=1)
        title = f"note {input.x}"
        return run.write(
            lambda tx: Counted(
                tx.execute(
                    "INSERT INTO notes (id, organization_id, title, colour, made_at) VALUES ($1, $2, $3, 'red', $4)",
                    run.new_id("note"),
                    run.organization_id,
                    title,
                    run.now,
                )
            )
        )

    clock = nexpo.testing.ManualClock()
    backend = opened(app, clock=clock)
    acme = backend.as_system("acme")
    acme.invoke("places.visit", {"x": 3})
    backend.work()
    clock.advance(120)
    backend.work()
    assert ran == [(Place(3), 1, 3, False), (Place(3), 2, 3, False)]
    (job,) = acme.jobs.list(kind="place.visit")
    assert job.state == "succeeded" and job.result == {"count": 1}
    assert acme.invoke("notes.count", {}) == {"count": 1}


def test_events_are_followed(opened: Open) -> None:
    app = notes()
    heard: list[Any] = []
    app.on("note.created", name="note.follow")(_following(heard))

    @app.on("user.created")
    def greet(run: nexpo.JobRun, payload: dict[str, Any]) -> None:
        heard.append(payload["email"])

    backend = opened(app)
    acme = backend.as_system("acme")
    acme.invoke("notes.create", {"title": "Milk"})
    acme.users.create(email="ada@example.com")
    assert backend.work() == 2
    assert sorted(heard, key=str) == sorted(["Milk", "ada@example.com"])


def _following(heard: list[Any]) -> Callable[[nexpo.JobRun, Note], None]:
    def follow(run: nexpo.JobRun, payload: Note) -> None:
        heard.append(payload.title)

    return follow


def test_schedules_queue_jobs(opened: Open) -> None:
    app = nexpo.Application()
    ran: list[tuple[Place, bool]] = []

    @app.job("place.visit")
    def go(run: nexpo.JobRun, input: Place) -> None:
        ran.append((input, run.scheduled_for is not None))

    app.schedule("nightly", "place.visit", Place(1), rule="0 3 * * *", time_zone="Europe/Berlin")
    clock = nexpo.testing.ManualClock()
    backend = opened(app, clock=clock)
    backend.work()
    clock.advance(24 * 3600)
    backend.work()
    assert ran == [(Place(1), True)]


def test_what_is_not_declared_is_not_emitted(opened: Open) -> None:
    app = nexpo.Application()

    @app.operation("things.emit", kind="mutation", permission="a:b")
    def emit(call: nexpo.Call) -> None:
        return call.write(lambda tx: tx.emit("thing.emitted", Place(1)))

    with pytest.raises(nexpo.Internal):
        opened(app).as_system("acme").invoke("things.emit", {})


def test_a_refusal_commits(opened: Open) -> None:
    app = notes()

    @app.operation("notes.refuse", kind="mutation", permission="a:b")
    def refuse(call: nexpo.Call) -> None:
        def write(tx: nexpo.Transaction) -> None:
            tx.execute(
                "INSERT INTO notes (id, organization_id, title, colour, made_at) VALUES ('1', '1', 't', 'red', $1)",
                call.now,
            )
            raise tx.refuse(nexpo.Unauthenticated("no", reason="refused"))

        return call.write(write)

    acme = opened(app).as_system("acme")
    with pytest.raises(nexpo.Unauthenticated):
        acme.invoke("notes.refuse", {})
    assert acme.invoke("notes.count", {}) == {"count": 1}


def test_what_is_kept_too_long_refuses(opened: Open) -> None:
    app = notes()
    kept: list[Any] = []

    @app.operation("things.keep", kind="mutation", permission="a:b")
    def keep(call: nexpo.Call) -> None:
        return call.write(lambda tx: kept.append(tx))

    @app.operation("things.look", permission="a:b")
    def look(call: nexpo.Call) -> None:
        kept.append(call)
        call.read(lambda read: kept.append(read))

    acme = opened(app).as_system("acme")
    acme.invoke("things.keep", {})
    acme.invoke("things.look", {})
    tx, call, read = kept
    for use in (lambda: call.now, lambda: call.read(print), lambda: read.one(int, "SELECT 1"), lambda: tx.execute("x")):
        with pytest.raises(RuntimeError):
            use()


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
    assert "test_application.py" in caplog.text
    assert acme.invoke("notes.count", {}) == {"count": 0}, "everything goes on"


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_job_that_wants_to_end_the_program_does_not(opened: Open, raised: type[BaseException]) -> None:
    app = nexpo.Application()
    done = threading.Event()

    @app.operation("things.do", kind="mutation", permission="a:b")
    def start(call: nexpo.Call) -> None:
        return call.write(lambda tx: tx.enqueue("thing.do") and None)

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


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "del backend", "backend.close()"])
def test_the_program_ends_while_jobs_run(run: Run, end: str) -> None:
    run(PROGRAM + end + "\nprint('end')\n" if end != "sys.exit(0)" else PROGRAM + end)


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
