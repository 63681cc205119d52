-- What a resident states; the answers are sealed as one document.
CREATE TABLE declarations (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BLOB REFERENCES accounts (id),
    person_id BLOB REFERENCES persons (id),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    answers_sealed BLOB NOT NULL,
    step TEXT NOT NULL,
    division TEXT NOT NULL,
    destination_division TEXT,
    concern BOOLEAN NOT NULL,
    entered_by BLOB,
    conclusion TEXT,
    temperature_tenths INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    checked_at BIGINT,
    checked_by BLOB,
    decided_at BIGINT,
    decided_by BLOB,
    receipt_sealed BLOB
);
CREATE INDEX declarations_by_account ON declarations (account_id, created_at);
CREATE INDEX declarations_by_person ON declarations (person_id, created_at);
CREATE INDEX declarations_worklist ON declarations (state, division, submitted_at, id);
