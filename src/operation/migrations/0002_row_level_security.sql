-- Denials of calls outside any organization have an empty organization_id: nobody but the installation sees them.
{{isolate audit_entries}};
{{isolate audit_denials}};
{{isolate outbox_events}};
