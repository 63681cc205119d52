-- The program of before knows no such end: what nobody confirmed in time has no effect there either.
UPDATE health_records SET refused_by = entered_by, refused_at = expired_at WHERE expired_at IS NOT NULL AND confirmed_by IS NULL;
UPDATE record_ends SET state = 'refused' WHERE state = 'expired';
UPDATE risk_changes SET state = 'refused' WHERE state = 'expired';

ALTER TABLE record_ends DROP CONSTRAINT record_ends_state_check;
ALTER TABLE record_ends ADD CONSTRAINT record_ends_state_check CHECK (state IN ('open', 'confirmed', 'refused'));
ALTER TABLE risk_changes DROP CONSTRAINT risk_changes_state_check;
ALTER TABLE risk_changes ADD CONSTRAINT risk_changes_state_check CHECK (state IN ('open', 'confirmed', 'refused'));

ALTER TABLE health_records DROP COLUMN expired_at;
DROP TABLE second_waits;
