-- An event's id tells its age.
DROP INDEX outbox_events_by_age;
