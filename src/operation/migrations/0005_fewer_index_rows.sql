-- Rows are found by their place in the chain of their organization.
DROP INDEX audit_entries_by_organization;
