-- Profiles without an account are never looked up by it.
DROP INDEX user_profiles_by_account;
CREATE INDEX user_profiles_by_account ON user_profiles (account_id, created_at) WHERE account_id IS NOT NULL;
