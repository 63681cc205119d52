-- What waits for a second official, of every kind: a row as long as it waits, and for a while after its time ran out. The thing
-- itself, and what became of it, stand in the tables of its slice. `holder_id` is the record with which it is destroyed; `roles`
-- has a space before and after each.
CREATE TABLE second_waits (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    holder_id BLOB NOT NULL,
    person_id BLOB,
    division TEXT NOT NULL,
    roles TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'expired')),
    entered_by BLOB,
    office_id BLOB,
    entered_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    warned_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX second_waits_by_county ON second_waits (state, substr(division, 1, 6), entered_at, id);
CREATE INDEX second_waits_by_prefecture ON second_waits (state, substr(division, 1, 4), entered_at, id);
CREATE INDEX second_waits_by_state ON second_waits (state, entered_at, id);
CREATE INDEX second_waits_by_entrant ON second_waits (entered_by, state, entered_at, id);
CREATE INDEX second_waits_due ON second_waits (state, expires_at, id);
CREATE INDEX second_waits_of_holder ON second_waits (holder_id);
CREATE INDEX second_waits_of_person ON second_waits (person_id);

-- What nobody confirmed in time has ended without effect.
ALTER TABLE health_records ADD COLUMN expired_at BIGINT;

CREATE TABLE record_ends_new (
    id BLOB NOT NULL PRIMARY KEY,
    record_id BLOB NOT NULL REFERENCES health_records (id),
    reason_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused', 'expired')),
    entered_by BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    decided_by BLOB,
    decided_at BIGINT,
    refusal_sealed BLOB,
    office_id BLOB,
    appeal_id BLOB
);
INSERT INTO record_ends_new
    SELECT id, record_id, reason_sealed, state, entered_by, created_at, decided_by, decided_at, refusal_sealed, office_id, appeal_id
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
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'refused', 'expired')),
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
    SELECT id, division, level, since, source, state, entered_by, created_at, decided_by, decided_at, refusal_sealed, office_id,
           until, counted
    FROM risk_changes;
DROP TABLE risk_changes;
ALTER TABLE risk_changes_new RENAME TO risk_changes;
CREATE INDEX risk_changes_open ON risk_changes (state, created_at);

-- What waits already. Nobody is surprised: what is past its time is announced a day before it ends all the same.
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT id, 'record', id, person_id, division, ' colour-officer ', '{"kind":"' || kind || '"}', 'open', entered_by,
           office_id, created_at, created_at + 604800000000
    FROM health_records
    WHERE confirmed_by IS NULL AND refused_by IS NULL AND division IS NOT NULL AND (result IS NULL OR result = 'positive');
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT e.id, 'record-end', r.id, r.person_id, r.division, ' colour-officer ', '{"kind":"' || r.kind || '"}', 'open',
           e.entered_by, e.office_id, e.created_at, e.created_at + 604800000000
    FROM record_ends e JOIN health_records r ON r.id = e.record_id
    WHERE e.state = 'open' AND r.division IS NOT NULL;
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT id, 'risk', id, NULL, division, ' province-operator ', '{"division":"' || division || '","level":"' || level || '"}', 'open',
           entered_by, office_id, created_at, created_at + 259200000000
    FROM risk_changes WHERE state = 'open';
