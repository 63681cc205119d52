-- Where a finding belongs, what else is known of it (place, transport, day of release; sealed), and who said no.
ALTER TABLE health_records ADD COLUMN division TEXT;
ALTER TABLE health_records ADD COLUMN detail_sealed BYTEA;
ALTER TABLE health_records ADD COLUMN confirmed_at TIMESTAMPTZ;
ALTER TABLE health_records ADD COLUMN refused_by UUID;
ALTER TABLE health_records ADD COLUMN refused_at TIMESTAMPTZ;
CREATE INDEX health_records_open ON health_records (confirmed_by, division, created_at);

-- A change of a division's risk waits here until a second person confirms it.
CREATE TABLE risk_changes (
    id UUID NOT NULL PRIMARY KEY,
    division TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
    since TIMESTAMPTZ NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused')),
    entered_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMPTZ
);
CREATE INDEX risk_changes_open ON risk_changes (state, created_at);
