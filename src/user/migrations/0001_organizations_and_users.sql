CREATE TABLE organizations (
    id         {{id}} PRIMARY KEY,
    slug       {{text}} NOT NULL,
    name       {{text}} NOT NULL,
    created_at {{timestamp}} NOT NULL,
    CONSTRAINT organizations_slug UNIQUE (slug)
) {{strict}};

-- Membership and profile in one: an account appears with a password, a sign-up or an accepted invitation.
CREATE TABLE user_profiles (
    id              {{id}} PRIMARY KEY,
    organization_id {{id}} NOT NULL REFERENCES organizations (id),
    account_id      {{id}},
    email           {{text}} NOT NULL,
    name            {{text}} NOT NULL,
    role            {{text}} NOT NULL,
    created_at      {{timestamp}} NOT NULL,
    updated_at      {{timestamp}} NOT NULL,
    version         {{int}} NOT NULL,
    CONSTRAINT user_profiles_email UNIQUE (organization_id, email)
) {{strict}};
CREATE INDEX user_profiles_by_organization ON user_profiles (organization_id, id);
CREATE INDEX user_profiles_by_role ON user_profiles (organization_id, role, id);
CREATE INDEX user_profiles_by_account ON user_profiles (account_id, created_at);
