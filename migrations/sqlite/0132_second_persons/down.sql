-- The program of before knows no such end: what nobody confirmed in time has no effect there either.
UPDATE health_records SET refused_by = entered_by, refused_at = expired_at WHERE expired_at IS NOT NULL AND confirmed_by IS NULL;

CREATE TABLE record_ends_new (
    id BLOB NOT NULL PRIMARY KEY,
    record_id BLOB NOT NULL REFERENCES health_records (id),
    reason_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT,
    refusal_sealed BLOB,
    office_id BLOB,
    appeal_id BLOB
);
INSERT INTO record_ends_new
    SELECT id, record_id, reason_sealed, CASE state WHEN 'expired' THEN 'refused' ELSE state END, entered_by, created_at, decided_by, decided_at, refusal_sealed, office_id, appeal_id
    FROM record_ends;
DROP TABLE record_ends;
ALTER TABLE record_ends_new RENAME TO record_ends;
CREATE UNIQUE INDEX record_ends_open ON record_ends (record_id) WHERE state = 'open';
CREATE INDEX record_ends_by_state ON record_ends (state, created_at);
CREATE INDEX record_ends_by_entrant ON record_ends (entered_by, created_at);
CREATE INDEX record_ends_by_appeal ON record_ends (appeal_id);

CREATE TABLE risk_changes_new (
    id BLOB NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
    since BIGINT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT,
    refusal_sealed BLOB,
    office_id BLOB,
    until BIGINT,
    counted BIGINT
);
INSERT INTO risk_changes_new
    SELECT id, division, level, since, source, CASE state WHEN 'expired' THEN 'refused' ELSE state END, entered_by, created_at, decided_by, decided_at, refusal_sealed, office_id,
           until, counted
    FROM risk_changes;
DROP TABLE risk_changes;
ALTER TABLE risk_changes_new RENAME TO risk_changes;
CREATE INDEX risk_changes_open ON risk_changes (state, created_at);

ALTER TABLE health_records DROP COLUMN expired_at;
DROP TABLE second_waits;
