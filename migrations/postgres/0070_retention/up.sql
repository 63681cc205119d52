-- One run a kind of record and local day: what was destroyed, and the signed public record of it.
CREATE TABLE retention_runs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    cut_off TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done')),
    step BIGINT NOT NULL,
    position TEXT,
    salt BYTEA NOT NULL,
    peaks JSONB NOT NULL,
    count BIGINT NOT NULL,
    oldest TIMESTAMPTZ,
    newest TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    record TEXT,
    kid BYTEA,
    signature BYTEA
);
CREATE UNIQUE INDEX retention_runs_by_kind ON retention_runs (kind, day);

-- What must not be destroyed although its time is over: a case, or everything of a person.
CREATE TABLE retention_holds (
    id UUID NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    person_id UUID,
    reason_sealed BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused', 'ended')),
    until TIMESTAMPTZ NOT NULL,
    review_at TIMESTAMPTZ NOT NULL,
    entered_by UUID NOT NULL,
    office_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ
);
CREATE INDEX retention_holds_by_object ON retention_holds (object_id);
CREATE INDEX retention_holds_by_person ON retention_holds (person_id);
CREATE INDEX retention_holds_by_state ON retention_holds (state, until);
