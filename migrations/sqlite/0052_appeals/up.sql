-- The human review of a colour: a resident contests one cause of it, a reviewer upholds it or sets it aside.
CREATE TABLE code_appeals (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    division TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    statement_sealed BLOB NOT NULL,
    clock TEXT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BLOB,
    office_id BLOB,
    decision_sealed BLOB
);
CREATE UNIQUE INDEX code_appeals_open ON code_appeals (person_id, rule) WHERE state = 'submitted';
CREATE INDEX code_appeals_by_person ON code_appeals (person_id, id);
CREATE INDEX code_appeals_by_division ON code_appeals (state, division, id);

-- A cause that a reviewer has set aside: what held before that moment no longer counts.
CREATE TABLE code_waivers (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES persons (id),
    rule TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    decided_by BLOB NOT NULL
);
CREATE INDEX code_waivers_by_person ON code_waivers (person_id, decided_at);
