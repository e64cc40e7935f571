-- Rows are found by their place in the chain of their organization; those that say that a chain was begun, by its name.
DROP INDEX audit_entries_by_organization;
CREATE INDEX audit_chains_begun ON audit_entries (target) WHERE organization_id IS NULL AND operation = 'audit.begin';
