# SPDX-License-Identifier: Apache-2.0
"""What an application adds to a backend: operations, hooks, background jobs, permissions and tables."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from nexpo import _core
from nexpo._describe import Empty, describe
from nexpo._errors import Error

__all__ = ["Application", "EventType"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class EventType:
    """An event that an operation or a job can emit."""

    name: str
    """`<noun>.<past participle>`, for example `note.created`."""
    payload: type
    """The dataclass that it carries."""
    permission: str = ""
    """What else, besides `events:read`, a reader of live events needs to see it; empty: nothing."""


class Application:
    """What an application adds to a backend: `nexpo.open(…, application=app)`.

    Functions are called on any thread of the library, several at a time. What they raise becomes the answer: a
    `nexpo.Error` keeps its code and reason, everything else is `internal`, with the traceback in the log.
    """

    def __init__(self) -> None:
        self._entries: list[Callable[[_core.Table], None]] = []

    def _table(self) -> _core.Table:
        table = _core.Table()
        for entry in self._entries:
            entry(table)
        return table

    def operation(
        self,
        name: str,
        *,
        kind: Literal["query", "mutation"] = "query",
        rest: str = "",
        location: str = "",
        summary: str = "",
        access: Literal["permission", "signed_in", "anyone", "system"] | None = None,
        permission: str = "",
        or_permission: str = "",
        also_permissions: Sequence[str] = (),
        reasons: Sequence[tuple[type[Error], str]] = (),
        emits: Sequence[EventType] = (),
        credentials: bool = False,
        account_field: str = "",
    ) -> Callable[[F], F]:
        """Add an operation: `def create_note(call: nexpo.Call, input: CreateNote) -> Note`.

        Input and answer are dataclasses; leave the input out, or answer None, where there is none. A mutation ends with
        `return call.write(lambda tx: …)`.

        Args:
            name: `<noun>.<verb>` in snake_case, for example `notes.create`.
            kind: Whether it changes something.
            rest: Method and path, for example `GET /notes/{id}`; empty when REST does not offer it.
            location: Path of the created record, for example `/notes/{id}`; makes the answer 201.
            summary: One line for people; absent: the first line of the docstring, whose rest is the description.
            access: Who may call it; absent: whoever has `permission`, or the application only when there is none.
            permission: `<noun>:<verb>`, for example `notes:read`.
            or_permission: Lets callers in as well; the handler decides what each may do.
            also_permissions: Others that the handler asks for.
            reasons: Failures of its own, such as `(nexpo.NotFound, "note_not_found")`.
            emits: Events of its own.
            credentials: Takes or answers credentials: limited per address, answers never stored.
            account_field: Input field whose text names an account, for the limit per account.
        """
        lines = summary.strip()
        info = {
            "name": name,
            "kind": kind,
            "rest": rest,
            "location": location,
            "access": access or ("permission" if permission else "system"),
            "permission": permission,
            "or_permission": or_permission,
            "also_permissions": list(also_permissions),
            "reasons": [(error._number, reason) for error, reason in reasons],
            "emits": _events(emits),
            "credentials": credentials,
            "account_field": account_field,
        }

        def add(function: F) -> F:
            types = _types(function, name)
            first, _, rest_of_doc = (inspect.getdoc(function) or "").partition("\n")
            described = info | {"summary": lines or first.strip(), "description": rest_of_doc.strip()}
            self._entries.append(
                lambda table: table.add_operation(
                    described, types.input or describe(Empty), types.output, function, types.input is not None
                )
            )
            return function

        return add

    def before(self, operation: str) -> Callable[[F], F]:
        """Run `function(call, input)` before the operation's handler. It may change the input, answer another one, or
        refuse the call by raising. Inputs of the library's own operations are dicts."""

        def add(function: F) -> F:
            _check(function, f"before {operation}")
            self._entries.append(lambda table: table.add_before(operation, function))
            return function

        return add

    def after(self, operation: str) -> Callable[[F], F]:
        """Run `function(call, input, output)` after the operation succeeded and its write is committed."""

        def add(function: F) -> F:
            _check(function, f"after {operation}")
            self._entries.append(lambda table: table.add_after(operation, function))
            return function

        return add

    def job(
        self,
        name: str,
        *,
        summary: str = "",
        max_attempts: int = 10,
        backoff: float = 1.0,
        backoff_limit: int = 3_600,
        delays: Sequence[int] = (),
        time_limit: int = 300,
        keep_hours: int = 24,
        keep_dead_hours: int = 24 * 14,
        emits: Sequence[EventType] = (),
        schedulable: bool = False,
    ) -> Callable[[F], F]:
        """Add a kind of background job: `def send(run: nexpo.JobRun, input: SendReport) -> None`.

        Args:
            name: `<noun>.<verb>` in snake_case, for example `report.send`.
            summary: One line for people; absent: the first line of the docstring.
            max_attempts: 1 to 100; then the job is dead.
            backoff: Seconds before the second attempt at most; doubles with each attempt.
            backoff_limit: The longest time between attempts, in seconds.
            delays: Instead of `backoff`: the seconds before the second attempt, the third and so on.
            time_limit: Seconds for one attempt; beyond it another worker may take the job.
            keep_hours: How long a succeeded or cancelled job is kept.
            keep_dead_hours: How long a dead job is kept.
            emits: Events that its closures emit.
            schedulable: Whoever has `jobs:manage` may schedule it.
        """
        return self._job(
            "",
            name=name,
            summary=summary,
            max_attempts=max_attempts,
            backoff=backoff,
            backoff_limit=backoff_limit,
            delays=list(delays),
            time_limit=time_limit,
            keep_hours=keep_hours,
            keep_dead_hours=keep_dead_hours,
            emits=emits,
            schedulable=schedulable,
        )

    def on(
        self,
        event: str,
        *,
        name: str = "",
        max_attempts: int = 10,
        backoff: float = 1.0,
        backoff_limit: int = 3_600,
        time_limit: int = 300,
        emits: Sequence[EventType] = (),
    ) -> Callable[[F], F]:
        """Follow an event: one job is queued for each, in the transaction that emits it.

        `def greet(run: nexpo.JobRun, payload: dict) -> None`; for an event of the application's own, `payload` is
        annotated with its dataclass. `name` is that of the kind of job; absent: the event's noun and the function's
        name.
        """

        def add(function: F) -> F:
            kind = name or f"{event.partition('.')[0]}.{function.__name__}"
            decorate = self._job(
                event,
                name=kind,
                summary="",
                max_attempts=max_attempts,
                backoff=backoff,
                backoff_limit=backoff_limit,
                delays=[],
                time_limit=time_limit,
                keep_hours=24,
                keep_dead_hours=24 * 14,
                emits=emits,
                schedulable=False,
            )
            return decorate(function)

        return add

    def _job(self, event: str, *, name: str, summary: str, emits: Sequence[EventType], **rest: Any) -> Callable[[F], F]:
        kind = {"name": name, "emits": _events(emits), **rest}

        def add(function: F) -> F:
            types = _types(function, name, any_input=bool(event))
            described = kind | {"summary": summary or (inspect.getdoc(function) or "").partition("\n")[0]}
            given = types.input if types.takes_input or event else describe(Empty)
            self._entries.append(
                lambda table: table.add_job(described, given, types.output, function, types.takes_input, event)
            )
            return function

        return add

    def schedule(
        self,
        name: str,
        kind: str,
        input: Any = None,
        *,
        rule: str,
        time_zone: str = "UTC",
        missed: Literal["skip", "once", "all"] = "once",
        overlap: bool = True,
    ) -> None:
        """Queue a job of the kind again and again, whichever process is there first.

        Args:
            name: At most 100 characters; the schedule is kept under it.
            kind: Of a job of this application.
            input: What its handler takes.
            rule: A cron rule of five or six fields, or an RRULE of RFC 5545.
            time_zone: An IANA time zone.
            missed: What becomes of times at which no worker was there.
            overlap: Whether a job may run while that of an earlier time is not finished.
        """
        options = {"rule": rule, "time_zone": time_zone, "missed": missed, "overlap": overlap}
        given = describe(Empty if input is None else type(input))
        value = {} if input is None else input
        self._entries.append(lambda table: table.add_schedule(name, kind, options, given, value))

    def grant(self, role: str, permission: str) -> None:
        """Give a role a permission such as `notes:write`. Roles are owner, admin, member, viewer, or a name of your
        own."""
        self._entries.append(lambda table: table.grant(role, permission))

    def migration(self, owner: str, number: int, sql: str, *, name: str = "") -> None:
        """A step of the schema, applied once per database and never changed after a release.

        Args:
            owner: Whose tables: a word of your own.
            number: 1, 2, 3, … without gaps per owner.
            sql: One or more statements, separated by `;` at the end of a line.
            name: What it does, in snake_case.
        """
        step = name or f"{owner}_{number}"
        self._entries.append(lambda table: table.migration(owner, number, step, sql))


@dataclass(frozen=True, slots=True)
class _Types:
    input: _core.Type | None
    output: _core.Type
    takes_input: bool


def _events(emits: Sequence[EventType]) -> list[tuple[str, _core.Type, str]]:
    return [(event.name, describe(event.payload), event.permission) for event in emits]


def _check(function: Callable[..., Any], what: str) -> None:
    if not callable(function):
        raise TypeError(f"{what}: a function is needed")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{what}: {function.__name__} is async; the library calls it on its own threads, where no event loop runs. "
            "Make it a plain function; inside of it, asyncio.run(...) runs a coroutine"
        )


def _types(function: Callable[..., Any], what: str, *, any_input: bool = False) -> _Types:
    """What the function takes and answers, from its annotations."""
    _check(function, what)
    parameters = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if not 1 <= len(parameters) <= 2:
        raise TypeError(f"{what}: {function.__name__} takes the call and, perhaps, an input")
    hints = typing.get_type_hints(function, include_extras=True)
    try:
        given = hints.get(parameters[1].name) if len(parameters) == 2 else None
        taken: _core.Type | None = None
        if given is not None and not (any_input and not dataclasses.is_dataclass(given)):
            taken = describe(given)
        if len(parameters) == 2 and taken is None and not any_input:
            raise TypeError(f"the parameter {parameters[1].name} needs a dataclass as its annotation")
        answered = hints.get("return")
        output = describe(Empty if answered is None or answered is type(None) else answered)
    except TypeError as error:
        raise TypeError(f"{what}: {error}") from error
    return _Types(taken, output, len(parameters) == 2)
