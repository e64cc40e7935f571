-- Whoever gave jobs a concurrency key finds them by it.
CREATE INDEX jobs_by_slot ON jobs (slot, id) WHERE slot IS NOT NULL;
