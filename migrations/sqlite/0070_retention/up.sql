-- One run a kind of record and local day: what was destroyed, and the signed public record of it.
CREATE TABLE retention_runs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    cut_off BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done')),
    step BIGINT NOT NULL,
    position TEXT,
    salt BLOB NOT NULL,
    peaks TEXT NOT NULL,
    count BIGINT NOT NULL,
    oldest BIGINT,
    newest BIGINT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    record TEXT,
    kid BLOB,
    signature BLOB
);
CREATE UNIQUE INDEX retention_runs_by_kind ON retention_runs (kind, day);

-- What must not be destroyed although its time is over: a case, or everything of a person.
CREATE TABLE retention_holds (
    id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    object_id BLOB NOT NULL,
    person_id BLOB,
    reason_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused', 'ended')),
    until BIGINT NOT NULL,
    review_at BIGINT NOT NULL,
    entered_by BLOB NOT NULL,
    office_id BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT
);
CREATE INDEX retention_holds_by_object ON retention_holds (object_id);
CREATE INDEX retention_holds_by_person ON retention_holds (person_id);
CREATE INDEX retention_holds_by_state ON retention_holds (state, until);
