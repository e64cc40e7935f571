-- A key is published from created_at on, signs from active_at on until a younger one does, and verifies for as long as
-- tokens of token_seconds may be out.
ALTER TABLE auth_signing_keys ADD COLUMN algorithm {{text}} NOT NULL DEFAULT 'ES256';
ALTER TABLE auth_signing_keys ADD COLUMN active_at {{timestamp}};
ALTER TABLE auth_signing_keys ADD COLUMN token_seconds {{int}} NOT NULL DEFAULT 86400;
UPDATE auth_signing_keys SET active_at = created_at;
