// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "nexpo/nexpo.hpp"

namespace nexpo {

/// What an application adds: notes in a table of its own.
struct AddNote {
    std::string text{};
    std::int64_t stars = 0;
};

inline StructType describe(Type<AddNote>) {
    return structure<AddNote>("AddNote", field("text", &AddNote::text).required().max(40),
                              field("stars", &AddNote::stars).min(0).max(5));
}

struct Note {
    std::string id{};
    std::string text{};
    std::int64_t stars = 0;
};

inline StructType describe(Type<Note>) {
    return structure<Note>("Note", field("id", &Note::id).id("note"), field("text", &Note::text),
                           field("stars", &Note::stars));
}

struct ListNotes {};

inline StructType describe(Type<ListNotes>) {
    return structure<ListNotes>("ListNotes");
}

/// `notes.add`, which emits `note.added`, and `notes.list`, with their table.
inline void add_notes(Config& config) {
    config.migrations.push_back({.owner = "notes",
                                 .number = 1,
                                 .name = "notes",
                                 .sql = "CREATE TABLE notes (id {{id}} PRIMARY KEY, organization_id {{id}} NOT NULL,"
                                        " text {{text}} NOT NULL, stars {{int}} NOT NULL) {{strict}};"});
    config.operations.add<AddNote, Note>(
        {.info = {.name = "notes.add",
                  .summary = "Add a note",
                  .kind = OperationKind::mutation,
                  .rest = "POST /notes",
                  .permission = "notes:write",
                  .emits = {event<Note>("note.added")}},
         .handler = [](Call& call, AddNote const& input) -> Reply<Note> {
             Note const note{.id = call.new_id("note"), .text = input.text, .stars = input.stars};
             return call.write([&call, note](Transaction& tx) -> Result<Note> {
                 auto inserted =
                     tx.execute("INSERT INTO notes (id, organization_id, text, stars) VALUES ($1, $2, $3, $4)",
                                {note.id, call.organization_id(), note.text, note.stars});
                 if (!inserted) return std::move(inserted).error();
                 tx.audit_target(note.id);
                 tx.emit(note.text == "undeclared" ? "note.burned" : "note.added", note);
                 return note;
             });
         }});
    config.operations.add<ListNotes, Page<Note>>(
        {.info = {.name = "notes.list", .summary = "List the notes", .rest = "GET /notes", .permission = "notes:read"},
         .handler = [](Call& call, ListNotes const&) -> Reply<Page<Note>> {
             auto rows = call.read([&](Read& read) {
                 return read.all<Note>("SELECT id, text, stars FROM notes WHERE organization_id = $1 ORDER BY id",
                                       {call.organization_id()});
             });
             if (!rows) return std::move(rows).error();
             return Page<Note>{.items = std::move(*rows)};
         }});
}

}  // namespace nexpo
