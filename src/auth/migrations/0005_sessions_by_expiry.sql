-- Expired sessions are removed a few at a time, whosever they are.
CREATE INDEX auth_sessions_by_expiry ON auth_sessions (expires_at);
