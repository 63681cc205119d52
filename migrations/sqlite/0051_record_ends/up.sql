-- A finding that ends before its day: one official enters it with a reason, another confirms it.
ALTER TABLE health_records ADD COLUMN ended_at BIGINT;

CREATE TABLE record_ends (
    id BLOB NOT NULL PRIMARY KEY,
    record_id BLOB NOT NULL REFERENCES health_records (id),
    reason_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT
);
CREATE UNIQUE INDEX record_ends_open ON record_ends (record_id) WHERE state = 'open';
CREATE INDEX record_ends_by_state ON record_ends (state, created_at);
