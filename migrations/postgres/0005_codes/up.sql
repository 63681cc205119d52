-- Risk level of a division over time.
CREATE TABLE division_risks (
    id UUID NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
    since TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ,
    source TEXT NOT NULL,
    entered_by UUID
);
CREATE INDEX risks_by_division ON division_risks (division, since);

-- Facts about a person that rules use: tests, contact and quarantine records; two persons for what worsens a code.
CREATE TABLE health_records (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,
    result TEXT,
    at TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ,
    source TEXT NOT NULL,
    office_id UUID,
    entered_by UUID,
    confirmed_by UUID,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX health_records_by_person ON health_records (person_id, at);

-- The present code of a person with the record that explains it.
CREATE TABLE code_states (
    person_id UUID NOT NULL PRIMARY KEY REFERENCES persons (id),
    colour TEXT NOT NULL CHECK (colour IN ('green', 'yellow', 'red', 'unknown')),
    evaluation_sealed BYTEA NOT NULL,
    rule_digest BYTEA NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    evaluated_at TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ,
    recheck_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);
CREATE INDEX codes_recheck ON code_states (recheck_at);

-- Every change of colour.
CREATE TABLE code_changes (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    at TIMESTAMPTZ NOT NULL,
    from_colour TEXT NOT NULL,
    to_colour TEXT NOT NULL,
    evaluation_sealed BYTEA NOT NULL
);
CREATE INDEX code_changes_by_person ON code_changes (person_id, at);

-- Printed codes live seven days and carry a status reference.
CREATE TABLE code_prints (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    colour TEXT NOT NULL,
    status_list BIGINT NOT NULL,
    status_index INTEGER NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX code_prints_by_person ON code_prints (person_id, expires_at);
