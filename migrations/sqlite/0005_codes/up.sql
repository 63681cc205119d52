-- Risk level of a division over time.
CREATE TABLE division_risks (
    id BLOB NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
    since BIGINT NOT NULL,
    until BIGINT,
    source TEXT NOT NULL,
    entered_by BLOB
);
CREATE INDEX risks_by_division ON division_risks (division, since);

-- Facts about a person that rules use: tests, contact and quarantine records; two persons for what worsens a code.
CREATE TABLE health_records (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,
    result TEXT,
    at BIGINT NOT NULL,
    until BIGINT,
    source TEXT NOT NULL,
    office_id BLOB,
    entered_by BLOB,
    confirmed_by BLOB,
    created_at BIGINT NOT NULL
);
CREATE INDEX health_records_by_person ON health_records (person_id, at);

-- The present code of a person with the record that explains it.
CREATE TABLE code_states (
    person_id BLOB NOT NULL PRIMARY KEY REFERENCES persons (id),
    colour TEXT NOT NULL CHECK (colour IN ('green', 'yellow', 'red', 'unknown')),
    evaluation_sealed BLOB NOT NULL,
    rule_digest BLOB NOT NULL,
    since BIGINT NOT NULL,
    evaluated_at BIGINT NOT NULL,
    valid_until BIGINT,
    recheck_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX codes_recheck ON code_states (recheck_at);

-- Every change of colour.
CREATE TABLE code_changes (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES persons (id),
    at BIGINT NOT NULL,
    from_colour TEXT NOT NULL,
    to_colour TEXT NOT NULL,
    evaluation_sealed BLOB NOT NULL
);
CREATE INDEX code_changes_by_person ON code_changes (person_id, at);

-- Printed codes live seven days and carry a status reference.
CREATE TABLE code_prints (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES persons (id),
    colour TEXT NOT NULL,
    status_list BIGINT NOT NULL,
    status_index INTEGER NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX code_prints_by_person ON code_prints (person_id, expires_at);
