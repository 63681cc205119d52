DROP TABLE risk_changes;
DROP INDEX health_records_open;
ALTER TABLE health_records DROP COLUMN refused_at;
ALTER TABLE health_records DROP COLUMN refused_by;
ALTER TABLE health_records DROP COLUMN confirmed_at;
ALTER TABLE health_records DROP COLUMN detail_sealed;
ALTER TABLE health_records DROP COLUMN division;
