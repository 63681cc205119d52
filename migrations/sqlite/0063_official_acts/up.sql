-- Why an official was disabled, their factors reset, or a post ended.
CREATE TABLE official_acts (
    id BLOB NOT NULL PRIMARY KEY,
    official_id BLOB NOT NULL REFERENCES officials (id),
    action TEXT NOT NULL CHECK (action IN ('disable', 'reset', 'end')),
    reason_sealed BLOB NOT NULL,
    acted_by BLOB NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX official_acts_by_official ON official_acts (official_id, created_at);
