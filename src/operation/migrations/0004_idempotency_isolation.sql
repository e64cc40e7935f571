-- Whose answer a record holds. Until now the name of the caller ended with it, but for API keys: their records, which
-- live for a day, are not found again.
ALTER TABLE idempotency_records ADD COLUMN organization_id {{text}} NOT NULL DEFAULT '';
UPDATE idempotency_records SET organization_id = substr(caller, length(caller) - 29) WHERE caller LIKE '%org_%';
{{isolate idempotency_records}};
