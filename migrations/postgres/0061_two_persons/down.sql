DROP INDEX record_ends_by_entrant;
DROP INDEX health_records_by_entrant;
ALTER TABLE risk_changes DROP COLUMN office_id;
ALTER TABLE risk_changes DROP COLUMN refusal_sealed;
ALTER TABLE record_ends DROP COLUMN office_id;
ALTER TABLE record_ends DROP COLUMN refusal_sealed;
ALTER TABLE health_records DROP COLUMN refusal_sealed;
