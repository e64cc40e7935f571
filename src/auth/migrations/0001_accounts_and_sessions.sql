CREATE TABLE auth_accounts (
    id            {{id}} PRIMARY KEY,
    email         {{text}} NOT NULL,
    password_hash {{text}} NOT NULL,
    created_at    {{timestamp}} NOT NULL,
    updated_at    {{timestamp}} NOT NULL,
    CONSTRAINT auth_accounts_email UNIQUE (email)
) {{strict}};

-- A refresh token is the session's id and generation under a keyed hash: nothing here lets anybody make one.
CREATE TABLE auth_sessions (
    id              {{id}} PRIMARY KEY,
    account_id      {{id}} NOT NULL REFERENCES auth_accounts (id),
    organization_id {{id}} NOT NULL,
    generation      {{int}} NOT NULL,
    created_at      {{timestamp}} NOT NULL,
    refreshed_at    {{timestamp}} NOT NULL,
    expires_at      {{timestamp}} NOT NULL,
    ended_at        {{timestamp}}
) {{strict}};
CREATE INDEX auth_sessions_by_account ON auth_sessions (account_id, expires_at);

CREATE TABLE auth_signing_keys (
    id          {{text}} PRIMARY KEY,
    private_key {{bytes}} NOT NULL,
    created_at  {{timestamp}} NOT NULL
) {{strict}};
