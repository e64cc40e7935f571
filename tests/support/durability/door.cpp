// SPDX-License-Identifier: Apache-2.0
#include "support/durability/door.hpp"

#include <utility>
#include <vector>

namespace nexpo::durability {

struct AddBundle {
    std::string name{};
};

static StructType describe(Type<AddBundle>) {
    return structure<AddBundle>("AddBundle", field("name", &AddBundle::name).required());
}

struct Part {
    std::string bundle{};
    std::string id{};
};

static StructType describe(Type<Part>) {
    return structure<Part>("Part", field("bundle", &Part::bundle), field("id", &Part::id));
}

namespace {

constexpr auto* kPassword = "correct horse";

/// Several rows and events in one call, and no constraint that would hide a second time.
Reply<Part> add_bundle(Call& call, AddBundle const& input) {
    std::vector<Part> parts;
    parts.reserve(kBundleParts);
    for (int i = 0; i < kBundleParts; ++i) parts.push_back({.bundle = input.name, .id = call.new_id("part")});
    return call.write([parts](Transaction& tx) -> Result<Part> {
        for (auto const& part : parts) {
            auto inserted = tx.execute("INSERT INTO parts (id, bundle) VALUES ($1, $2)", {part.id, part.bundle});
            if (!inserted) return std::move(inserted).error();
            tx.emit("part.added", part);
        }
        tx.audit_target(parts.front().bundle);
        return parts.front();
    });
}

Answer refusal(Error const& error) {
    return {.reason = std::string(to_string(error.code)) + " " + error.reason};
}

Answer told(Result<User> const& result) {
    if (!result) return refusal(result.error());
    return {.ok = true, .id = result->id, .version = result->version};
}

class BackendDoor final : public Door {
 public:
    explicit BackendDoor(Backend const& backend) : backend_(backend), system_(backend.as_system("acme")) {}

    Answer send(Subject const& subject, int step, std::string const& id) override {
        switch (subject.kind) {
            case Subject::Kind::person:
                return person(subject, step, id);
            case Subject::Kind::bundle: {
                auto const added = system_.with({.idempotency_key = subject.key(step)})
                                       .call<Part>("bundles.add", AddBundle{subject.name});
                return added ? Answer{.ok = true, .id = added->id} : refusal(added.error());
            }
            case Subject::Kind::founder: {
                auto const tokens = backend_.as_anonymous().auth().sign_up(
                    {.email = subject.email(), .password = Secret(kPassword), .name = subject.name});
                return tokens ? Answer{.ok = true, .id = tokens->user_id} : refusal(tokens.error());
            }
            case Subject::Kind::refused: {
                auto const tokens =
                    backend_.as_anonymous().auth().login({.email = subject.account, .password = Secret("wrong horse")});
                bool const refused = !tokens && tokens.error().reason == "credentials_invalid";
                return refused ? Answer{.ok = true} : tokens ? Answer{.reason = "let in"} : refusal(tokens.error());
            }
        }
        return {};
    }

 private:
    Answer person(Subject const& subject, int step, std::string const& id) const {
        CallOptions options{.idempotency_key = subject.key(step)};
        if (step == 0) {
            return told(
                system_.with(options).users().create({.email = subject.email(), .name = subject.person_name(1)}));
        }
        if (step <= subject.updates) {
            // Every other one relies on its key alone: done twice, it would count the version up twice.
            if (step % 2 == 1) options.if_version = step;
            return told(system_.with(options).users().update({.id = id, .name = subject.person_name(step + 1)}));
        }
        auto const removed = system_.with(options).users().remove({.id = id});
        return removed ? Answer{.ok = true, .id = id} : refusal(removed.error());
    }

    Backend backend_;
    Api system_;
};

}  // namespace

std::unique_ptr<Door> backend_door(Backend const& backend) {
    return std::make_unique<BackendDoor>(backend);
}

Config durable_config(std::string url, std::string owner) {
    Config config{.database = std::move(url), .database_owner = Secret(std::move(owner))};
    config.auth.open_registration = true;
    config.limits = {.address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0};
    config.threads = {.hash = 1, .readers = 4};
    config.migrations.push_back({.owner = "bundles",
                                 .number = 1,
                                 .name = "parts",
                                 .sql = "CREATE TABLE parts (id {{id}} PRIMARY KEY, bundle {{text}} NOT NULL)"
                                        " {{strict}};"});
    config.operations.add<AddBundle, Part>({.info = {.name = "bundles.add",
                                                     .summary = "Add a bundle",
                                                     .kind = OperationKind::mutation,
                                                     .permission = "bundles:write",
                                                     .emits = {event<Part>("part.added")}},
                                            .handler = add_bundle});
    return config;
}

int work(Door& door, Script const& script, int worker, int first, int count, Witness const& witness,
         std::function<bool()> const& stop) {
    for (int n = first; n < first + count; ++n) {
        auto const subject = script.subject(worker, n);
        std::string id;
        for (int step = 0; step < subject.steps(); ++step) {
            if (stop()) return step == 0 ? n : n + 1;
            witness.begun(subject);
            auto answer = door.send(subject, step, id);
            while (!answer.ok && witness.again && witness.again(answer)) answer = send_again(door, subject, step, id);
            // Who guesses the password of somebody who is not there leaves nothing that could be found again.
            if (!answer.ok) return subject.kind == Subject::Kind::founder ? n + 2 : n + 1;
            witness.answered(subject, answer);
            if (step == 0) id = answer.id;
        }
    }
    return first + count;
}

Answer send_again(Door& door, Subject const& subject, int step, std::string const& id) {
    // A wrong password leaves a trace each time; nobody may repeat it and expect one.
    if (subject.kind == Subject::Kind::refused) return {.reason = "not repeatable"};
    auto answer = door.send(subject, step, id);
    // What answers with credentials keeps no answer, but its address is taken for good.
    bool const done = subject.kind == Subject::Kind::founder && answer.reason == "already_exists email_taken";
    return done ? Answer{.ok = true} : answer;
}

void repeat_unanswered(Door& door, Ledger& ledger) {
    std::vector<Entry> unanswered;
    for (auto const& [name, entry] : ledger.entries()) {
        if (entry.begun > entry.answered) unanswered.push_back(entry);
    }
    for (auto const& entry : unanswered) {
        auto const answer = send_again(door, entry.subject, entry.begun - 1, entry.id);
        if (answer.ok) ledger.answer(entry.subject.name, answer);
    }
}

}  // namespace nexpo::durability
