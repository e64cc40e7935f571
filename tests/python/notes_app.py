# SPDX-License-Identifier: Apache-2.0
"""An application in Python, for tests."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol

import nexpo
import pytest


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


class Open(Protocol):
    """Opens a backend with the application, and closes it after the test."""

    def __call__(self, app: nexpo.Application, **more: Any) -> nexpo.Backend: ...


@pytest.fixture
def opened(settings: dict[str, Any]) -> Iterator[Open]:
    backends: list[nexpo.Backend] = []

    def opened(app: nexpo.Application, **more: Any) -> nexpo.Backend:
        backends.append(nexpo.open(**{**settings, **more}, application=app))
        return backends[-1]

    yield opened
    for backend in backends:
        backend.close()
