# SPDX-License-Identifier: Apache-2.0
"""An application of its own: notes, with a table, two operations, a hook, a job and a listener."""

from __future__ import annotations

import pathlib
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import nexpo


@dataclass
class CreateNote:
    title: Annotated[str, nexpo.Rule(max=120)]
    text: str = ""


@dataclass
class Note:
    id: str
    title: str
    text: str
    created_at: datetime


@dataclass
class Notes:
    items: list[Note] = field(default_factory=list)


app = nexpo.Application()
app.migration(
    "notes",
    1,
    """
    CREATE TABLE notes (id {{id}} PRIMARY KEY, organization_id {{id}} NOT NULL, title {{text}} NOT NULL,
                        text {{text}} NOT NULL, created_at {{timestamp}} NOT NULL) {{strict}};
    """,
)
app.grant("member", "notes:write")
NOTE_CREATED = nexpo.EventType("note.created", Note)


@app.operation(
    "notes.create",
    kind="mutation",
    rest="POST /notes",
    location="/notes/{id}",
    permission="notes:write",
    emits=[NOTE_CREATED],
)
def create_note(call: nexpo.Call, input: CreateNote) -> Note:
    """Create a note."""
    note = Note(call.new_id("note"), input.title, input.text, call.now)

    def write(tx: nexpo.Transaction) -> Note:
        tx.execute(
            "INSERT INTO notes (id, organization_id, title, text, created_at) VALUES ($1, $2, $3, $4, $5)",
            note.id,
            call.organization_id,
            note.title,
            note.text,
            note.created_at,
        )
        tx.emit("note.created", note)
        tx.enqueue("note.index", note)
        return note

    return call.write(write)


@app.operation("notes.list", rest="GET /notes", permission="notes:read")
def list_notes(call: nexpo.Call) -> Notes:
    """List the notes."""
    sql = "SELECT id, title, text, created_at FROM notes WHERE organization_id = $1 ORDER BY id"
    return Notes(call.read(lambda read: read.all(Note, sql, call.organization_id)))


@app.before("users.create")
def only_our_people(call: nexpo.Call, input: dict[str, Any]) -> None:
    if not input["email"].endswith("@example.com"):
        raise nexpo.PermissionDenied("only people of example.com", reason="not_ours")


@app.job("note.index", max_attempts=5)
def index_note(run: nexpo.JobRun, note: Note) -> None:
    print(f"indexed {note.title}")


@app.on("note.created")
def tell(run: nexpo.JobRun, note: Note) -> None:
    print(f"created {note.title}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:{pathlib.Path(folder) / 'notes.db'}"
        with nexpo.open(database, application=app, threads={"jobs": 0}) as backend:
            acme = backend.as_system("acme")
            acme.invoke("notes.create", {"title": "Buy milk"})
            print([note["title"] for note in acme.invoke("notes.list", {})["items"]])
            try:
                acme.users.create(email="eve@elsewhere.example")
            except nexpo.PermissionDenied as refused:
                print(refused.reason)
            backend.work()  # a server has threads for that
