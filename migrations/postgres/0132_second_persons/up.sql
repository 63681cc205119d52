-- What waits for a second official, of every kind: a row as long as it waits, and for a while after its time ran out. The thing
-- itself, and what became of it, stand in the tables of its slice. `holder_id` is the record with which it is destroyed; `roles`
-- has a space before and after each.
CREATE TABLE second_waits (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    holder_id UUID NOT NULL,
    person_id UUID,
    division TEXT NOT NULL,
    roles TEXT NOT NULL,
    detail JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'expired')),
    entered_by UUID,
    office_id UUID,
    entered_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    warned_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ
);
CREATE INDEX second_waits_by_county ON second_waits (state, substr(division, 1, 6), entered_at, id);
CREATE INDEX second_waits_by_prefecture ON second_waits (state, substr(division, 1, 4), entered_at, id);
CREATE INDEX second_waits_by_state ON second_waits (state, entered_at, id);
CREATE INDEX second_waits_by_entrant ON second_waits (entered_by, state, entered_at, id);
CREATE INDEX second_waits_due ON second_waits (state, expires_at, id);
CREATE INDEX second_waits_of_holder ON second_waits (holder_id);
CREATE INDEX second_waits_of_person ON second_waits (person_id);

-- What nobody confirmed in time has ended without effect.
ALTER TABLE health_records ADD COLUMN expired_at TIMESTAMPTZ;

ALTER TABLE record_ends DROP CONSTRAINT record_ends_state_check;
ALTER TABLE record_ends ADD CONSTRAINT record_ends_state_check CHECK (state IN ('open', 'confirmed', 'refused', 'expired'));
ALTER TABLE risk_changes DROP CONSTRAINT risk_changes_state_check;
ALTER TABLE risk_changes ADD CONSTRAINT risk_changes_state_check CHECK (state IN ('open', 'confirmed', 'refused', 'expired'));

-- What waits already. Nobody is surprised: what is past its time is announced a day before it ends all the same.
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT id, 'record', id, person_id, division, ' colour-officer ', jsonb_build_object('kind', kind), 'open', entered_by,
           office_id, created_at, created_at + INTERVAL '7 days'
    FROM health_records
    WHERE confirmed_by IS NULL AND refused_by IS NULL AND division IS NOT NULL AND (result IS NULL OR result = 'positive');
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT e.id, 'record-end', r.id, r.person_id, r.division, ' colour-officer ', jsonb_build_object('kind', r.kind), 'open',
           e.entered_by, e.office_id, e.created_at, e.created_at + INTERVAL '7 days'
    FROM record_ends e JOIN health_records r ON r.id = e.record_id
    WHERE e.state = 'open' AND r.division IS NOT NULL;
INSERT INTO second_waits (id, kind, holder_id, person_id, division, roles, detail, state, entered_by, office_id, entered_at, expires_at)
    SELECT id, 'risk', id, NULL, division, ' province-operator ', jsonb_build_object('division', division, 'level', level), 'open',
           entered_by, office_id, created_at, created_at + INTERVAL '3 days'
    FROM risk_changes WHERE state = 'open';
