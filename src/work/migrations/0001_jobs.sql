-- Jobs that are queued in the same moment keep their order by `seq`, which is the table's own key on SQLite and has no
-- index on PostgreSQL. `rank` is the time from which a ready job waits, moved by its priority. `slot` is a concurrency
-- key with its organization; a job that `holds_slot` is one of those that count against the key's limit.
CREATE TABLE jobs (
    seq              {{sqlite INTEGER PRIMARY KEY}}{{postgresql bigint GENERATED ALWAYS AS IDENTITY}},
    id               {{id}} NOT NULL,
    organization_id  {{id}},
    kind             {{text}} NOT NULL,
    state            {{text}} NOT NULL,
    priority         {{int}} NOT NULL,
    rank             {{int}} NOT NULL,
    run_at           {{timestamp}} NOT NULL,
    payload          {{json}} NOT NULL,
    idempotency_key  {{text}},
    unique_key       {{text}},
    concurrency_key  {{text}},
    slot             {{text}},
    slot_limit       {{int}} NOT NULL,
    ordered          {{bool}} NOT NULL,
    holds_slot       {{bool}} NOT NULL,
    fence            {{int}} NOT NULL,
    attempt          {{int}} NOT NULL,
    first_attempt    {{int}} NOT NULL,
    max_attempts     {{int}} NOT NULL,
    lease_until      {{timestamp}},
    cancel_requested {{bool}} NOT NULL,
    progress         {{int}} NOT NULL,
    progress_note    {{text}} NOT NULL,
    cause            {{text}},
    cause_message    {{text}},
    result           {{json}},
    created_at       {{timestamp}} NOT NULL,
    started_at       {{timestamp}},
    finished_at      {{timestamp}},
    keep_until       {{timestamp}},
    CONSTRAINT jobs_id {{sqlite UNIQUE}}{{postgresql PRIMARY KEY}} (id)
) {{strict}};
{{isolate jobs}};
CREATE INDEX jobs_ready ON jobs (rank, seq) WHERE state = 'ready';
CREATE INDEX jobs_scheduled ON jobs (run_at, seq) WHERE state = 'scheduled';
CREATE INDEX jobs_blocked ON jobs (slot, seq) WHERE state = 'blocked';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (coalesce(organization_id, ''), finished_at, id) WHERE state = 'dead';
CREATE INDEX jobs_kept ON jobs (keep_until) WHERE keep_until IS NOT NULL;
CREATE INDEX jobs_by_organization ON jobs (coalesce(organization_id, ''), id);
CREATE UNIQUE INDEX jobs_by_idempotency_key ON jobs (coalesce(organization_id, ''), kind, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_unique_key ON jobs (coalesce(organization_id, ''), kind, unique_key)
    WHERE unique_key IS NOT NULL AND finished_at IS NULL;

CREATE TABLE job_slots (
    slot  {{text}} PRIMARY KEY,
    taken {{int}} NOT NULL CHECK (taken >= 0)
) {{strict}};
