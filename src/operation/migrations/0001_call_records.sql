-- What the call pipeline writes in the same transaction as the change itself.
CREATE TABLE idempotency_records (
    caller     {{text}} NOT NULL,
    operation  {{text}} NOT NULL,
    key        {{text}} NOT NULL,
    input_hash {{text}} NOT NULL,
    answer     {{bytes}} NOT NULL,
    created_at {{timestamp}} NOT NULL,
    PRIMARY KEY (caller, operation, key)
) {{strict}};
CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

CREATE TABLE audit_entries (
    id              {{id}} PRIMARY KEY,
    organization_id {{id}},
    at              {{timestamp}} NOT NULL,
    actor_kind      {{text}} NOT NULL,
    actor_id        {{text}} NOT NULL,
    operation       {{text}} NOT NULL,
    target          {{text}} NOT NULL,
    outcome         {{text}} NOT NULL,
    request_id      {{text}} NOT NULL,
    address         {{text}} NOT NULL
) {{strict}};
CREATE INDEX audit_entries_by_organization ON audit_entries (organization_id, id);

CREATE TABLE audit_denials (
    organization_id {{text}} NOT NULL,
    actor           {{text}} NOT NULL,
    operation       {{text}} NOT NULL,
    minute          {{timestamp}} NOT NULL,
    reason          {{text}} NOT NULL,
    count           {{int}} NOT NULL,
    PRIMARY KEY (organization_id, actor, operation, minute, reason)
) {{strict}};

CREATE TABLE outbox_events (
    id              {{id}} PRIMARY KEY,
    organization_id {{id}},
    event           {{text}} NOT NULL,
    payload         {{json}} NOT NULL,
    request_id      {{text}} NOT NULL,
    created_at      {{timestamp}} NOT NULL
) {{strict}};
CREATE INDEX outbox_events_by_age ON outbox_events (created_at);
