-- What a resident states; the answers are sealed as one document.
CREATE TABLE declarations (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id UUID REFERENCES accounts (id),
    person_id UUID REFERENCES persons (id),
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    answers_sealed BYTEA NOT NULL,
    step TEXT NOT NULL,
    division TEXT NOT NULL,
    destination_division TEXT,
    concern BOOLEAN NOT NULL,
    entered_by UUID,
    conclusion TEXT,
    temperature_tenths INTEGER,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    submitted_at TIMESTAMPTZ,
    checked_at TIMESTAMPTZ,
    checked_by UUID,
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    receipt_sealed BYTEA
);
CREATE INDEX declarations_by_account ON declarations (account_id, created_at);
CREATE INDEX declarations_by_person ON declarations (person_id, created_at);
CREATE INDEX declarations_worklist ON declarations (state, division, submitted_at, id);
