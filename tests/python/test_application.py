# SPDX-License-Identifier: Apache-2.0
"""Operations, hooks, jobs and tables that a program in Python adds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal

import nexpo
import nexpo.testing
import pytest
from notes_app import Colour, Counted, CreateNote, Note, Open, Place, notes, opened as opened


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
    full: dict[str, Any] = {
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
    uses: list[Callable[[], object]] = [
        lambda: call.now,
        lambda: call.read(print),
        lambda: read.one(int, "SELECT 1"),
        lambda: tx.execute("x"),
    ]
    for use in uses:
        with pytest.raises(RuntimeError):
            use()
