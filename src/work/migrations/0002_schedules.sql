-- A schedule with a `next_at` is going. `declared` ones are the application's own, which it declares anew each time it
-- starts.
ALTER TABLE jobs ADD COLUMN schedule_id {{id}};
ALTER TABLE jobs ADD COLUMN scheduled_for {{timestamp}};

CREATE TABLE job_schedules (
    id               {{id}} PRIMARY KEY,
    organization_id  {{id}},
    name             {{text}} NOT NULL,
    kind             {{text}} NOT NULL,
    payload          {{json}} NOT NULL,
    max_attempts     {{int}} NOT NULL,
    rule             {{text}} NOT NULL,
    time_zone        {{text}} NOT NULL,
    start_at         {{timestamp}} NOT NULL,
    missed           {{text}} NOT NULL,
    overlap          {{bool}} NOT NULL,
    paused           {{bool}} NOT NULL,
    declared         {{bool}} NOT NULL,
    next_at          {{timestamp}},
    last_at          {{timestamp}},
    cause            {{text}},
    created_at       {{timestamp}} NOT NULL,
    updated_at       {{timestamp}} NOT NULL
) {{strict}};
{{isolate job_schedules}};
CREATE INDEX job_schedules_due ON job_schedules (next_at) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX job_schedules_by_name ON job_schedules (coalesce(organization_id, ''), name);
CREATE INDEX job_schedules_by_organization ON job_schedules (coalesce(organization_id, ''), id);
