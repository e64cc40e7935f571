-- A row gets its place in the chain of its organization, and the hash up to it, when it is sealed.
ALTER TABLE audit_entries ADD COLUMN position {{int}} CHECK (position >= 1);
ALTER TABLE audit_entries ADD COLUMN hash {{text}};
CREATE INDEX audit_entries_unsealed ON audit_entries (coalesce(organization_id, ''), id) WHERE position IS NULL;
CREATE UNIQUE INDEX audit_entries_by_position ON audit_entries (coalesce(organization_id, ''), position)
    WHERE position IS NOT NULL;

-- The newest link of each chain, signed. The calls of nobody's organization have an empty organization_id.
CREATE TABLE audit_heads (
    organization_id {{text}} PRIMARY KEY,
    position        {{int}} NOT NULL,
    hash            {{text}} NOT NULL,
    sealed_at       {{timestamp}} NOT NULL,
    signature       {{text}} NOT NULL
) {{strict}};
{{isolate audit_heads}};

CREATE TABLE audit_keys (
    id          {{text}} PRIMARY KEY,
    private_key {{bytes}} NOT NULL,
    created_at  {{timestamp}} NOT NULL
) {{strict}};
