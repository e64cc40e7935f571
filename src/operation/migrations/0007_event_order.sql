-- The order in which live events are read. On SQLite the number of the row, which grows as long as the newest row stays.
-- On PostgreSQL, where commits overtake each other, the transaction and then the row.
{{sqlite ALTER TABLE outbox_events RENAME TO unordered_outbox_events;
CREATE TABLE outbox_events (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    organization_id TEXT,
    event           TEXT NOT NULL,
    payload         TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)
SELECT id, organization_id, event, payload, request_id, created_at FROM unordered_outbox_events ORDER BY rowid;
DROP TABLE unordered_outbox_events;}}
{{postgresql ALTER TABLE outbox_events ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE outbox_events ADD COLUMN xid bigint NOT NULL DEFAULT 0;
ALTER TABLE outbox_events ALTER COLUMN xid SET DEFAULT CAST(CAST(pg_current_xact_id() AS text) AS bigint);
CREATE INDEX outbox_events_by_commit ON outbox_events (xid, seq);}}
