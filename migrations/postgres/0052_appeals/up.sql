-- The human review of a colour: a resident contests one cause of it, a reviewer upholds it or sets it aside.
CREATE TABLE code_appeals (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_id UUID NOT NULL REFERENCES accounts (id),
    person_id UUID NOT NULL REFERENCES persons (id),
    division TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    statement_sealed BYTEA NOT NULL,
    clock JSONB NOT NULL,
    due_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by UUID,
    office_id UUID,
    decision_sealed BYTEA
);
CREATE UNIQUE INDEX code_appeals_open ON code_appeals (person_id, rule) WHERE state = 'submitted';
CREATE INDEX code_appeals_by_person ON code_appeals (person_id, id);
CREATE INDEX code_appeals_by_division ON code_appeals (state, division, id);

-- A cause that a reviewer has set aside: what held before that moment no longer counts.
CREATE TABLE code_waivers (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES persons (id),
    rule TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decided_by UUID NOT NULL
);
CREATE INDEX code_waivers_by_person ON code_waivers (person_id, decided_at);
