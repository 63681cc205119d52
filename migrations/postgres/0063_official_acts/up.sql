-- Why an official was disabled, their factors reset, or a post ended.
CREATE TABLE official_acts (
    id UUID NOT NULL PRIMARY KEY,
    official_id UUID NOT NULL REFERENCES officials (id),
    action TEXT NOT NULL CHECK (action IN ('disable', 'reset', 'end')),
    reason_sealed BYTEA NOT NULL,
    acted_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX official_acts_by_official ON official_acts (official_id, created_at);
