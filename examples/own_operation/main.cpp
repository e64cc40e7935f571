// SPDX-License-Identifier: Apache-2.0
// An application's own operations, with their own table, permission and event, beside the built-in ones. They are
// called in-process and over REST alike, and stand in /openapi.json.
#include <cstdio>
#include <string>

#include <nexpo/nexpo.hpp>

namespace notes {

//! [structs]
struct CreateNote {
    std::string title{};
    std::string text{};
};

struct ListNotes {};

struct Note {
    std::string id{};
    std::string title{};
    std::string text{};
    std::string author{};
    nexpo::Timestamp created_at{};
};

nexpo::StructType describe(nexpo::Type<CreateNote>) {
    using nexpo::field;
    return nexpo::structure<CreateNote>("CreateNote", field("title", &CreateNote::title).required().max(120),
                                        field("text", &CreateNote::text).max(10'000));
}

nexpo::StructType describe(nexpo::Type<ListNotes>) {
    return nexpo::structure<ListNotes>("ListNotes");
}

nexpo::StructType describe(nexpo::Type<Note>) {
    using nexpo::field;
    return nexpo::structure<Note>("Note", field("id", &Note::id).id("note"), field("title", &Note::title),
                                  field("text", &Note::text), field("author", &Note::author),
                                  field("created_at", &Note::created_at));
}
//! [structs]

//! [handlers]
nexpo::Reply<Note> create(nexpo::Call& call, CreateNote const& input) {
    Note const note{.id = call.new_id("note"),
                    .title = input.title,
                    .text = input.text,
                    .author = call.caller().user_id,
                    .created_at = call.now()};
    return call.write([note, organization = call.organization_id()](nexpo::Transaction& tx) -> nexpo::Result<Note> {
        auto const inserted = tx.execute(
            "INSERT INTO notes (id, organization_id, title, text, author, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            {note.id, organization, note.title, note.text, note.author, note.created_at});
        if (!inserted) return inserted.error();
        tx.emit("note.created", note);
        return note;
    });
}

nexpo::Reply<nexpo::Page<Note>> list(nexpo::Call& call, ListNotes const&) {
    return call.read([&](nexpo::Read& read) -> nexpo::Result<nexpo::Page<Note>> {
        auto rows = read.all<Note>(
            "SELECT id, title, text, author, created_at FROM notes WHERE organization_id = $1 ORDER BY id LIMIT 200",
            {call.organization_id()});
        if (!rows) return rows.error();
        return nexpo::Page<Note>{.items = std::move(*rows)};
    });
}
//! [handlers]

//! [table]
nexpo::OperationTable operations() {
    nexpo::OperationTable table;
    table.add<CreateNote, Note>({.info = {.name = "notes.create",
                                          .summary = "Write a note",
                                          .kind = nexpo::OperationKind::mutation,
                                          .rest = "POST /notes",
                                          .permission = "notes:write",
                                          .emits = {nexpo::event<Note>("note.created")}},
                                 .handler = create});
    table.add<ListNotes, nexpo::Page<Note>>({.info = {.name = "notes.list",
                                                      .summary = "List the organization's notes",
                                                      .rest = "GET /notes",
                                                      .permission = "notes:read"},
                                             .handler = list});
    table.grant("member", "notes:write");
    table.before<CreateNote>("notes.create", [](nexpo::Call&, CreateNote& note) -> nexpo::Result<void> {
        if (note.text.find("spam") == std::string::npos) return {};
        return nexpo::Error{nexpo::Errc::failed_precondition, "note_refused", "we do not keep such notes"};
    });
    return table;
}

std::vector<nexpo::Migration> migrations() {
    return {{.owner = "notes", .number = 1, .name = "notes", .sql = R"(
CREATE TABLE notes (
    id              {{id}} PRIMARY KEY,
    organization_id {{id}} NOT NULL,
    title           {{text}} NOT NULL,
    text            {{text}} NOT NULL,
    author          {{text}} NOT NULL,
    created_at      {{timestamp}} NOT NULL
) {{strict}};
CREATE INDEX notes_by_organization ON notes (organization_id, id);
)"}};
}
//! [table]

}  // namespace notes

int main(int argc, char** argv) {
    std::string const file = argc > 1 ? argv[1] : "notes.db";
    auto const backend = nexpo::Backend::open(
        {.database = "sqlite:" + file, .operations = notes::operations(), .migrations = notes::migrations()});
    if (!backend) {
        std::fprintf(stderr, "%s\n", backend.error().message.c_str());
        return 1;
    }

    //! [call]
    auto const acme = backend->as_system("acme");
    auto const note = acme.call<notes::Note>("notes.create", notes::CreateNote{.title = "In C++"});
    if (!note) return 1;

    auto const ada = acme.users().create({.email = "ada@example.com", .password = "correct horse"});
    if (!ada && ada.error().reason != "email_taken") return 1;
    auto const session =
        backend->as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"});
    if (!session) return 1;
    nexpo::Request request{
        .method = "POST",
        .target = "/notes",
        .headers = {{"Authorization", "Bearer " + session->access_token}, {"Content-Type", "application/json"}},
        .body = R"({"title": "Over REST"})"};
    auto const created = backend->gateway().handle(request);
    //! [call]
    std::printf("%d %s\n", created.status, created.body.c_str());

    request.body = R"({"title": "Buy now", "text": "spam"})";
    std::printf("%d %s\n", backend->gateway().handle(request).status, "for what the hook refuses");

    auto const notes = acme.call<nexpo::Page<notes::Note>>("notes.list", notes::ListNotes{});
    if (!notes) return 1;
    std::printf("%zu notes\n", notes->items.size());
    return created.status == 200 ? 0 : 1;
}
