-- A secret is as random as its hash: without a salt nobody finds the one from the other.
CREATE TABLE auth_api_keys (
    id                    {{id}} PRIMARY KEY,
    organization_id       {{id}} NOT NULL,
    name                  {{text}} NOT NULL,
    scopes                {{text}} NOT NULL,
    hint                  {{text}} NOT NULL,
    secret_hash           {{text}} NOT NULL,
    old_secret_hash       {{text}},
    old_secret_expires_at {{timestamp}},
    created_by            {{text}} NOT NULL,
    created_at            {{timestamp}} NOT NULL,
    expires_at            {{timestamp}},
    last_used_at          {{timestamp}},
    version               {{int}} NOT NULL,
    CONSTRAINT auth_api_keys_secret UNIQUE (secret_hash),
    CONSTRAINT auth_api_keys_old_secret UNIQUE (old_secret_hash)
) {{strict}};
CREATE INDEX auth_api_keys_by_organization ON auth_api_keys (organization_id, id);
{{isolate auth_api_keys}};
