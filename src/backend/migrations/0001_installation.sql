-- Facts about this installation, by name.
CREATE TABLE installation_facts (
    name  {{text}} PRIMARY KEY,
    value {{text}} NOT NULL
) {{strict}};
