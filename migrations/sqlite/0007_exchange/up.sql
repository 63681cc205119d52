-- Provinces we exchange with.
CREATE TABLE partners (
    province TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    phone TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

-- Recognition is bilateral, dated and conditional.
CREATE TABLE agreements (
    id BLOB NOT NULL PRIMARY KEY,
    province TEXT NOT NULL REFERENCES partners (province),
    kind TEXT NOT NULL CHECK (kind IN ('code', 'certificate')),
    direction TEXT NOT NULL CHECK (direction IN ('ours', 'theirs', 'both')),
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    document TEXT NOT NULL
);
CREATE INDEX agreements_by_province ON agreements (province, kind);

-- Every trust list that was accepted; the highest sequence is in force.
CREATE TABLE trust_lists (
    sequence BIGINT NOT NULL PRIMARY KEY,
    issued_at BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    list BLOB NOT NULL,
    accepted_at BIGINT NOT NULL
);

-- What was shown to whom: the resident can see each row.
CREATE TABLE disclosures (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES persons (id),
    at BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    purpose TEXT NOT NULL,
    kind TEXT NOT NULL
);
CREATE INDEX disclosures_by_person ON disclosures (person_id, at);
