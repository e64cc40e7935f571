-- Names of events are separated by spaces. Secrets are sealed.
CREATE TABLE webhooks (
    id                    {{id}} PRIMARY KEY,
    organization_id       {{id}} NOT NULL,
    url                   {{text}} NOT NULL,
    description           {{text}} NOT NULL,
    events                {{text}} NOT NULL,
    ordered               {{bool}} NOT NULL,
    scheme                {{text}} NOT NULL,
    secret                {{bytes}} NOT NULL,
    old_secret            {{bytes}},
    old_secret_expires_at {{timestamp}},
    public_key            {{text}},
    enabled               {{bool}} NOT NULL,
    off                   {{text}},
    off_at                {{timestamp}},
    failure               {{text}},
    failing_since         {{timestamp}},
    created_by            {{text}} NOT NULL,
    created_at            {{timestamp}} NOT NULL,
    updated_at            {{timestamp}} NOT NULL,
    version               {{int}} NOT NULL
) {{strict}};
CREATE INDEX webhooks_by_organization ON webhooks (organization_id, id);
{{isolate webhooks}};
