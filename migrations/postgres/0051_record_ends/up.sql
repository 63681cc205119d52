-- A finding that ends before its day: one official enters it with a reason, another confirms it.
ALTER TABLE health_records ADD COLUMN ended_at TIMESTAMPTZ;

CREATE TABLE record_ends (
    id UUID NOT NULL PRIMARY KEY,
    record_id UUID NOT NULL REFERENCES health_records (id),
    reason_sealed BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX record_ends_open ON record_ends (record_id) WHERE state = 'open';
CREATE INDEX record_ends_by_state ON record_ends (state, created_at);
