-- Where a finding belongs, what else is known of it (place, transport, day of release; sealed), and who said no.
ALTER TABLE health_records ADD COLUMN division TEXT;
ALTER TABLE health_records ADD COLUMN detail_sealed BLOB;
ALTER TABLE health_records ADD COLUMN confirmed_at BIGINT;
ALTER TABLE health_records ADD COLUMN refused_by BLOB;
ALTER TABLE health_records ADD COLUMN refused_at BIGINT;
CREATE INDEX health_records_open ON health_records (confirmed_by, division, created_at);

-- A change of a division's risk waits here until a second person confirms it.
CREATE TABLE risk_changes (
    id BLOB NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
    since BIGINT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT
);
CREATE INDEX risk_changes_open ON risk_changes (state, created_at);
